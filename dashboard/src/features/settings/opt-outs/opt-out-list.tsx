import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ban } from "lucide-react";
import { useEffect, useState } from "react";
import type { OptedOut } from "@/api/campaign-types";
import type { Page } from "@/api/types";
import { EmptyState } from "@/components/ui/empty-state";
import { Input } from "@/components/ui/input";
import { Entries } from "@/features/settings/opt-outs/entries";
import { viaText } from "@/features/settings/opt-outs/words";
import { Row } from "@/features/settings/parts/card";
import { api } from "@/lib/http";
import { formatDate, formatDateTime, useT } from "@/lib/i18n";
import { keys } from "@/lib/query";

const QUIET_MS = 250;

export function OptOutList() {
  const t = useT();
  const [typed, setTyped] = useState("");
  const [q, setQ] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), QUIET_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const list = useInfiniteQuery({
    queryKey: [...keys.optOuts, { q }],
    queryFn: ({ pageParam, signal }) => api.get<Page<OptedOut>>("/api/v1/opt-outs", { q, cursor: pageParam, limit: 50 }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (previous) => previous,
  });
  return (
    <div className="flex flex-col gap-3 pt-4">
      <Input type="search" aria-label={t("audience.optout_search")} placeholder={t("audience.optout_search")} className="max-w-sm" value={typed} onChange={(event) => setTyped(event.target.value)} />
      <Entries list={list} label={t("audience.optout_list")} empty={<EmptyState icon={Ban} title={t(q ? "audience.optout_none_here" : "audience.optout_none")}>{!q && t("audience.optout_none_text")}</EmptyState>}>
        {(entry) => (
          <Row key={`${entry.contact_id} ${entry.channel_id ?? ""}`}>
            <div className="min-w-0 flex-1 basis-48">
              <Link to="/contacts/$contactId" params={{ contactId: entry.contact_id }} search={{}} className="font-medium hover:underline"><bdi>{entry.name ?? entry.address}</bdi></Link>
              <p className="text-sm text-muted">
                {entry.name !== null && <><bdi dir="ltr">{entry.address}</bdi> · </>}
                {entry.channel === null ? t("contacts.all_channels") : t(`common.channel_${entry.channel}`)}
              </p>
            </div>
            <div className="w-full text-sm sm:w-auto sm:text-end">
              <p className="text-muted"><bdi>{entry.reason}</bdi></p>
              <p className="text-faint" title={formatDateTime(entry.at)}>{viaText(entry.via, t)} · {formatDate(entry.at)}</p>
            </div>
          </Row>
        )}
      </Entries>
    </div>
  );
}
