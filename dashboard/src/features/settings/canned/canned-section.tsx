import { MessageSquareText, Paperclip, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { CannedReply } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { CannedDialog } from "@/features/settings/canned/canned-dialog";
import { Row, Rows } from "@/features/settings/parts/card";
import { useConfirm } from "@/features/settings/parts/confirm";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useListChange } from "@/features/settings/parts/use-list-change";
import { useListFocus } from "@/features/settings/parts/use-list-focus";
import { useCannedReplies } from "@/lib/directory";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys } from "@/lib/query";

/** From so many on, a field that narrows the list. */
const MANY = 8;

export function CannedSection() {
  const t = useT();
  const may = useCan("agent");
  const replies = useCannedReplies();
  const confirm = useConfirm();
  const change = useListChange<CannedReply>(keys.cannedReplies);
  const { ref, afterRemoval } = useListFocus<HTMLDivElement>();
  const [editing, setEditing] = useState<CannedReply | "new" | null>(null);
  const [typed, setTyped] = useState("");
  const remove = (reply: CannedReply, index: number) =>
    confirm.ask({
      title: t("settings.canned_delete_title", { shortcut: reply.shortcut }),
      text: t("settings.canned_delete_text"),
      action: t("common.delete"),
      run: async () => {
        await change({
          now: (items) => items.filter((each) => each.canned_reply_id !== reply.canned_reply_id),
          request: () => api.delete(`/api/v1/canned-replies/${reply.canned_reply_id}`),
          told: t("settings.deleted", { name: `/${reply.shortcut}` }),
        });
        afterRemoval(index);
      },
    });
  const create = (
    <Button variant="primary" disabled={!may} onClick={() => setEditing("new")}>
      <Plus aria-hidden />
      {t("settings.canned_new")}
    </Button>
  );
  return (
    <SectionPage title={t("settings.canned_title")} description={t("settings.canned_text")} changes="agent" actions={create}>
      <div ref={ref} className="flex flex-col gap-3">
        <Loaded query={replies}>
          {(items) => {
            const wanted = typed.trim().toLowerCase().replace(/^\//, "");
            const found = items.filter((each) => `${each.shortcut} ${each.title} ${each.content}`.toLowerCase().includes(wanted));
            if (items.length === 0) {
              return <EmptyState icon={MessageSquareText} title={t("settings.canned_empty")}>{t("settings.canned_empty_text")}</EmptyState>;
            }
            return (
              <>
                {items.length >= MANY && (
                  <Input type="search" aria-label={t("settings.canned_search")} placeholder={t("settings.canned_search")} value={typed} onChange={(event) => setTyped(event.target.value)} />
                )}
                <Rows label={t("settings.canned_title")}>
                  {found.map((reply, index) => (
                    <CannedRow key={reply.canned_reply_id} reply={reply} may={may} onEdit={() => setEditing(reply)} onRemove={() => remove(reply, index)} />
                  ))}
                </Rows>
                <p role="status" className="text-sm text-muted">
                  {found.length === 0 ? t("common.no_matches", { query: typed }) : ""}
                </p>
              </>
            );
          }}
        </Loaded>
      </div>
      {editing && <CannedDialog reply={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
      {confirm.dialog}
    </SectionPage>
  );
}

interface CannedRowProps {
  reply: CannedReply;
  may: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

function CannedRow({ reply, may, onEdit, onRemove }: CannedRowProps) {
  const t = useT();
  const name = `/${reply.shortcut}`;
  return (
    <Row>
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2">
          <bdi className="font-mono text-sm font-medium text-accent-ink">{name}</bdi>
          <span className="truncate font-medium">{reply.title}</span>
          {reply.attachments.length > 0 && (
            <Badge>
              <Paperclip aria-hidden />
              {t("settings.canned_files", { count: reply.attachments.length })}
            </Badge>
          )}
        </div>
        <div className="line-clamp-2 text-sm text-muted" dir="auto">{reply.content}</div>
      </div>
      {may && (
        <span className="flex">
          <IconButton icon={Pencil} label={t("settings.edit_of", { name })} onClick={onEdit} />
          <IconButton icon={Trash2} label={t("settings.delete_of", { name })} onClick={onRemove} />
        </span>
      )}
    </Row>
  );
}
