import { Eye } from "lucide-react";
import { useId, useRef } from "react";
import type { Conversation } from "@/api/types";
import { showToast } from "@/components/ui/toast-store";
import { useChannelState } from "@/features/composer/channel";
import type { Mode } from "@/features/composer/draft-store";
import { DropOverlay } from "@/features/composer/drop-overlay";
import { LiveRegion } from "@/features/composer/live-region";
import { LockedReply } from "@/features/composer/locked-reply";
import { ModeTabs } from "@/features/composer/mode-tabs";
import { UnfinishedNotice } from "@/features/composer/notices";
import { lockOf, windowLeft } from "@/features/composer/reply-window";
import { useDraftSide } from "@/features/composer/use-draft-side";
import { useFileDrop } from "@/features/composer/use-file-drop";
import { useTextArea } from "@/features/composer/use-text-area";
import { useNow } from "@/features/composer/use-window";
import { Writer } from "@/features/composer/writer";
import { useComposerModeRequests } from "@/features/shortcuts/composer-mode";
import { MOST_FILES } from "@/features/uploads/limits";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

/** Where a person answers the customer, or leaves a note for colleagues. */
export function Composer({ conversation }: { conversation: Conversation }) {
  const t = useT();
  const mayWrite = useCan("agent");
  if (!mayWrite) {
    return (
      <p className="flex shrink-0 items-center justify-center gap-2 border-t border-line bg-surface px-3 py-3 text-muted">
        <Eye aria-hidden className="size-4" />
        {t("composer.lock_viewer")}
      </p>
    );
  }
  // A conversation of its own: nothing of one's menus and recordings is left in the next one's.
  return <OpenComposer key={conversation.chat_id} conversation={conversation} />;
}

function OpenComposer({ conversation }: { conversation: Conversation }) {
  const t = useT();
  const root = useRef<HTMLElement>(null);
  const panelId = useId();
  const area = useTextArea();
  const draft = useDraftSide(conversation);
  const { mode } = draft;
  const now = useNow(conversation);
  const channel = useChannelState(conversation.channel_id);
  const lock = lockOf(conversation, now, true, channel === undefined || channel.state === "active");
  const locked = mode === "reply" && lock !== "viewer" ? lock : null;

  const choose = (next: Mode) => {
    draft.setMode(next);
    requestAnimationFrame(area.focus);
  };
  useComposerModeRequests(choose);

  const addFiles = (files: File[]): string[] => {
    const { ids, left } = draft.addFiles(files);
    if (left > 0) showToast(t("composer.too_many_files", { count: MOST_FILES }), { tone: "danger" });
    return ids;
  };
  const dropPlace = useFileDrop(root, locked === null, (files) => {
    addFiles(files);
    area.focus();
  });

  return (
    <section ref={root} aria-label={t("composer.composer")} className="relative shrink-0 border-t border-line bg-surface px-2 pt-1.5 pb-[max(0.5rem,env(safe-area-inset-bottom))] md:px-3">
      <div className="mb-1.5 flex items-center gap-3">
        <ModeTabs mode={mode} panelId={panelId} onChange={choose} />
        {mode === "reply" && conversation.mode === "assistant" && locked === null && (
          <p className="ms-auto truncate text-xs text-muted">
            <span aria-hidden className="md:hidden">{t("composer.takes_over_short")}</span>
            <span className="max-md:sr-only">{t("composer.takes_over")}</span>
          </p>
        )}
        {mode === "note" && <p className="ms-auto truncate text-xs text-muted">{t("composer.note_hint")}</p>}
      </div>
      <UnfinishedNotice chatId={conversation.chat_id} onChoose={() => root.current?.querySelector<HTMLInputElement>("input[type=file]")?.click()} />
      <div id={panelId} role="tabpanel" aria-label={t(mode === "note" ? "composer.mode_note" : "composer.mode_reply")}>
        {locked ? (
          <LockedReply conversation={conversation} lock={locked} onNote={() => choose("note")} />
        ) : (
          <div
            className={cx(
              "rounded-xl border transition-colors has-[textarea:focus-visible]:outline-2 has-[textarea:focus-visible]:-outline-offset-1",
              mode === "note" ? "border-note-line bg-note has-[textarea:focus-visible]:outline-note-line" : "border-outline/70 bg-surface has-[textarea:focus-visible]:outline-accent",
            )}
          >
            <Writer conversation={conversation} draft={draft} area={area} windowLeft={windowLeft(conversation, now)} onFiles={addFiles} />
          </div>
        )}
      </div>
      <LiveRegion files={draft.files} />
      {dropPlace && <DropOverlay place={dropPlace} note={mode === "note"} />}
    </section>
  );
}
