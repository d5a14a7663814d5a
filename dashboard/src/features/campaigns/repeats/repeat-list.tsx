import { useQuery } from "@tanstack/react-query";
import { CalendarSync, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Repeat } from "@/api/campaign-types";
import type { Page } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { IconButton } from "@/components/ui/icon-button";
import { Switch } from "@/components/ui/switch";
import { useToast } from "@/components/ui/toast";
import { RowSkeletons } from "@/features/campaigns/page-parts";
import { RepeatDialog } from "@/features/campaigns/repeats/repeat-dialog";
import { clockTime, momentThere, weekdayName } from "@/features/campaigns/repeats/rule";
import { useConfirm } from "@/features/settings/parts/confirm";
import { useSegments } from "@/lib/directory";
import { api } from "@/lib/http";
import { useLanguage, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

/** Campaigns that come again: each time a new one, to whoever is in the segment then. */
export function RepeatList() {
  const t = useT();
  const may = useCan("admin");
  const [creating, setCreating] = useState(false);
  const repeats = useQuery({
    queryKey: keys.repeats,
    queryFn: async ({ signal }) => (await api.get<Page<Repeat>>("/api/v1/repeats", undefined, { signal })).items,
  });
  const items = repeats.data ?? [];
  const create = may && (
    <Button variant="primary" onClick={() => setCreating(true)}>
      <Plus aria-hidden />
      {t("campaigns.repeat_new")}
    </Button>
  );
  return (
    <div className="flex flex-col gap-4 py-4">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <h1 className="text-xl font-semibold">{t("campaigns.repeats")}</h1>
          <p className="mt-0.5 max-w-prose text-muted">{t("campaigns.repeats_text")}</p>
        </div>
        {items.length > 0 && create}
      </div>
      {repeats.isPending && <RowSkeletons rows={3} />}
      {repeats.isError && items.length === 0 && <ErrorState error={repeats.error} onRetry={() => void repeats.refetch()} retrying={repeats.isFetching} />}
      {repeats.isSuccess && items.length === 0 && (
        <EmptyState icon={CalendarSync} title={t("campaigns.repeats_empty")} action={create}>{t("campaigns.repeats_empty_text")}</EmptyState>
      )}
      {items.length > 0 && (
        <ul aria-label={t("campaigns.repeats")} className="divide-y divide-line rounded-lg border border-line bg-surface">
          {items.map((repeat) => <RepeatRow key={repeat.repeat_id} repeat={repeat} may={may} />)}
        </ul>
      )}
      {creating && <RepeatDialog repeat={null} onClose={() => setCreating(false)} />}
    </div>
  );
}

function RepeatRow({ repeat, may }: { repeat: Repeat; may: boolean }) {
  const t = useT();
  const toast = useToast();
  const language = useLanguage();
  const confirm = useConfirm();
  const [editing, setEditing] = useState(false);
  const segments = useSegments().data ?? [];
  const { rule, name, state, repeat_id: id } = repeat;
  const active = state === "active";
  const when =
    rule.every === "day" ? t("campaigns.every_day", { at: clockTime(rule.at, language) })
    : rule.every === "week" ? t("campaigns.every_week", { day: weekdayName(rule.on ?? 1, language), at: clockTime(rule.at, language) })
    : t("campaigns.every_month", { day: rule.on ?? 1, at: clockTime(rule.at, language) });
  const segment = segments.find((each) => each.segment_id === repeat.segment_id)?.name;

  async function perform(request: Promise<unknown>, told: string): Promise<void> {
    try {
      await request;
      toast.success(told);
    } catch (error) {
      toast.error(error);
    } finally {
      void queryClient.invalidateQueries({ queryKey: keys.repeats });
    }
  }

  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
      <CalendarSync aria-hidden className="size-5 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 basis-52">
        <div className="flex flex-wrap items-center gap-2">
          <bdi className="font-medium">{name}</bdi>
          {!active && <Badge>{t("campaigns.repeat_stopped")}</Badge>}
        </div>
        <p className="text-sm text-muted">
          {when} · <bdi>{rule.timezone.replaceAll("_", " ")}</bdi>{segment !== undefined && <> · <bdi>{segment}</bdi></>}
        </p>
        {active && repeat.next_at !== null && <p className="text-sm text-faint">{t("campaigns.repeat_next", { at: momentThere(repeat.next_at, rule.timezone, language) })}</p>}
      </div>
      {may && (
        <div className="flex items-center gap-1 max-sm:w-full max-sm:ps-8">
          <Switch className="me-2" aria-label={t("campaigns.repeat_active", { name })} checked={active}
            onChange={(on) => void perform(api.patch(`/api/v1/repeats/${id}`, { state: on ? "active" : "stopped" }), t(on ? "campaigns.repeat_told_active" : "campaigns.repeat_told_stopped", { name }))} />
          <IconButton icon={Pencil} label={t("campaigns.repeat_edit", { name })} onClick={() => setEditing(true)} />
          <IconButton icon={Trash2} label={t("campaigns.repeat_delete", { name })}
            onClick={() => confirm.ask({
              title: t("campaigns.repeat_ask_delete", { name }),
              text: t("campaigns.repeat_ask_delete_text"),
              action: t("common.delete"),
              run: () => perform(api.delete(`/api/v1/repeats/${id}`), t("campaigns.told_delete", { name })),
            })} />
        </div>
      )}
      {confirm.dialog}
      {editing && <RepeatDialog repeat={repeat} onClose={() => setEditing(false)} />}
    </li>
  );
}
