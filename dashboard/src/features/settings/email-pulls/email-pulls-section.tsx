import { useQuery } from "@tanstack/react-query";
import { Mails, Pencil, Plus, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import type { EmailPull } from "@/api/campaign-types";
import type { Page } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { IconButton } from "@/components/ui/icon-button";
import { Switch } from "@/components/ui/switch";
import { useToast } from "@/components/ui/toast";
import { PullDialog } from "@/features/settings/email-pulls/pull-dialog";
import { PulledEmails } from "@/features/settings/email-pulls/pulled-emails";
import { useConfirm } from "@/features/settings/parts/confirm";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { api } from "@/lib/http";
import { formatRelative, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

const OFTEN_MS = 15_000;

/** Mailboxes whose messages become conversations. */
export function EmailPullsSection() {
  const t = useT();
  const may = useCan("admin");
  const [editing, setEditing] = useState<EmailPull | "new" | null>(null);
  const pulls = useQuery({
    queryKey: keys.emailPulls,
    queryFn: async ({ signal }) => (await api.get<Page<EmailPull>>("/api/v1/email-pulls", undefined, { signal })).items,
    refetchInterval: OFTEN_MS,
  });
  const create = (
    <Button variant="primary" disabled={!may} onClick={() => setEditing("new")}>
      <Plus aria-hidden />
      {t("campaigns.email_new")}
    </Button>
  );
  return (
    <SectionPage title={t("settings.email_pulls_title")} description={t("settings.email_pulls_text")} changes="admin" actions={create}>
      <Loaded query={pulls}>
        {(items) => items.length === 0
          ? <EmptyState icon={Mails} title={t("campaigns.email_empty")}>{t("campaigns.email_empty_text")}</EmptyState>
          : (
            <ul aria-label={t("settings.email_pulls_title")} className="flex flex-col gap-3">
              {items.map((pull) => <Mailbox key={pull.config_id} pull={pull} may={may} onEdit={() => setEditing(pull)} />)}
            </ul>
          )}
      </Loaded>
      {editing && <PullDialog pull={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
    </SectionPage>
  );
}

function Mailbox({ pull, may, onEdit }: { pull: EmailPull; may: boolean; onEdit: () => void }) {
  const t = useT();
  const toast = useToast();
  const confirm = useConfirm();
  const [open, setOpen] = useState(false);
  const [pulling, setPulling] = useState(false);
  const path = `/api/v1/email-pulls/${pull.config_id}`;
  const { name } = pull;
  const active = pull.state === "active";

  async function perform(request: Promise<unknown>, told: string): Promise<void> {
    try {
      await request;
      toast.success(told);
    } catch (error) {
      toast.error(error);
    } finally {
      void queryClient.invalidateQueries({ queryKey: keys.emailPulls });
    }
  }
  async function pullNow(): Promise<void> {
    setPulling(true);
    await perform(api.post(`${path}/pull`), t("campaigns.email_told_pull", { name }));
    setPulling(false);
  }
  return (
    <li data-row className="rounded-lg border border-line bg-surface">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
        <div className="min-w-0 flex-1 basis-56">
          <div className="flex flex-wrap items-center gap-2">
            <bdi className="font-medium">{name}</bdi>
            {pull.error !== null ? <Badge tone="danger">{t("campaigns.email_failing")}</Badge>
              : active ? <Badge tone="success">{t("campaigns.email_active")}</Badge> : <Badge>{t("campaigns.repeat_stopped")}</Badge>}
          </div>
          <p className="truncate text-sm text-muted"><bdi dir="ltr">{`${pull.username} · ${pull.host} · ${pull.folder}`}</bdi></p>
          <p className="text-sm text-faint">
            {pull.pulled_at === null ? t("campaigns.email_never") : t("campaigns.email_pulled", { when: formatRelative(pull.pulled_at) })}
            {" · "}
            {t("campaigns.email_every", { count: pull.every_minutes })}
          </p>
        </div>
        {may && (
          <div className="flex items-center gap-1">
            <Switch aria-label={t("campaigns.repeat_active", { name })} checked={active} className="me-1"
              onChange={(on) => void perform(api.patch(path, { state: on ? "active" : "stopped" }), t(on ? "campaigns.repeat_told_active" : "campaigns.repeat_told_stopped", { name }))} />
            <Button size="sm" pending={pulling} disabled={!active} onClick={() => void pullNow()}><RefreshCw aria-hidden />{t("campaigns.email_pull_now")}</Button>
            <IconButton icon={Pencil} label={t("settings.edit_of", { name })} onClick={onEdit} />
            <IconButton icon={Trash2} label={t("settings.delete_of", { name })}
              onClick={() => confirm.ask({
                title: t("campaigns.repeat_ask_delete", { name }),
                text: t("campaigns.email_ask_delete_text"),
                action: t("common.delete"),
                run: () => perform(api.delete(path), t("settings.deleted", { name })),
              })} />
          </div>
        )}
      </div>
      {pull.error !== null && <p role="alert" className="mx-4 mb-3 rounded-md bg-danger-soft px-3 py-2 text-sm wrap-anywhere text-danger">{pull.error}</p>}
      <div className="border-t border-line px-2 py-1">
        <Button size="sm" variant="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>{t(open ? "campaigns.email_hide" : "campaigns.email_show")}</Button>
      </div>
      {open && <PulledEmails configId={pull.config_id} may={may} />}
      {confirm.dialog}
    </li>
  );
}
