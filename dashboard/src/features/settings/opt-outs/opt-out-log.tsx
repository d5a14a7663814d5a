import { useInfiniteQuery } from "@tanstack/react-query";
import { Download, History } from "lucide-react";
import type { OptOutEntry } from "@/api/campaign-types";
import type { Page } from "@/api/types";
import { Badge, type BadgeTone } from "@/components/ui/badge";
import { buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Entries } from "@/features/settings/opt-outs/entries";
import { viaText } from "@/features/settings/opt-outs/words";
import { Row } from "@/features/settings/parts/card";
import { api } from "@/lib/http";
import { formatDateTime, useT } from "@/lib/i18n";
import { keys } from "@/lib/query";

const TONES: Record<OptOutEntry["action"], BadgeTone> = { stopped: "danger", asked: "info", resumed: "success" };

/** Nothing in it is ever changed: it is what an audit asks for. */
export function OptOutLog() {
  const t = useT();
  const list = useInfiniteQuery({
    queryKey: [...keys.optOuts, "log"],
    queryFn: ({ pageParam, signal }) => api.get<Page<OptOutEntry>>("/api/v1/opt-outs/log", { cursor: pageParam, limit: 50 }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  return (
    <div className="flex flex-col gap-3 pt-4">
      <div className="flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 basis-60 text-muted">{t("audience.optout_log_text")}</p>
        <a href="/api/v1/opt-outs/log.csv" download className={buttonClass()}><Download aria-hidden />{t("audience.export")}</a>
      </div>
      <Entries list={list} label={t("audience.optout_log")} empty={<EmptyState icon={History} title={t("audience.optout_log_none")} />}>
        {(entry) => (
          <Row key={entry.entry_id}>
            <span className="w-24 shrink-0"><Badge tone={TONES[entry.action]}>{t(`audience.optout_${entry.action}`)}</Badge></span>
            <div className="min-w-0 flex-1 basis-36">
              <bdi dir="ltr" className="font-medium">{entry.address}</bdi>
              <p className="text-sm text-muted">{entry.channel === null ? t("contacts.all_channels") : t(`common.channel_${entry.channel}`)}</p>
            </div>
            <div className="w-full text-sm max-sm:ps-27 sm:w-auto sm:text-end">
              <p className="text-muted"><bdi>{entry.reason}</bdi></p>
              <p className="text-faint">{viaText(entry.via, t)} · {formatDateTime(entry.at)}</p>
            </div>
          </Row>
        )}
      </Entries>
    </div>
  );
}
