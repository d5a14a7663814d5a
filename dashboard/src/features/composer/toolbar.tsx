import { AtSign, ChevronDown, LayoutTemplate, Mic, Paperclip, SendHorizontal, Zap } from "lucide-react";
import { useRef, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { IconButton } from "@/components/ui/icon-button";
import { EmojiButton } from "@/features/composer/emoji-button";
import { ScheduleButton } from "@/features/composer/schedule-button";
import type { Mode } from "@/features/composer/draft-store";
import { PICKABLE } from "@/features/uploads/file-types";
import { useT } from "@/lib/i18n";

interface ToolbarProps {
  mode: Mode;
  isEmpty: boolean;
  enterSends: boolean;
  windowClosesAt: string | null;
  /** Between the tools and the buttons that send: counter and countdown. */
  status: ReactNode;
  onFiles: (files: File[]) => void;
  onInsert: (text: string) => void;
  onVoice: () => void;
  onTemplate: () => void;
  onEnterSends: (sends: boolean) => void;
  onSchedule: (at: Date) => void;
  onSend: () => void;
}

export function Toolbar({ mode, isEmpty, enterSends, windowClosesAt, status, onFiles, onInsert, onVoice, onTemplate, onEnterSends, onSchedule, onSend }: ToolbarProps) {
  const t = useT();
  const picker = useRef<HTMLInputElement>(null);
  const isNote = mode === "note";
  return (
    <div className="flex items-center gap-0.5 px-1.5 pb-1.5">
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        accept={PICKABLE}
        data-testid="composer-files"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = ""; // so that the same file can be chosen again
        }}
      />
      <IconButton icon={Paperclip} label={t("composer.attach")} onClick={() => picker.current?.click()} />
      <EmojiButton onChoose={onInsert} />
      <IconButton icon={Mic} label={t("composer.voice")} onClick={onVoice} />
      <IconButton icon={Zap} label={t("composer.canned")} onClick={() => onInsert("/")} />
      {!isNote && <IconButton icon={LayoutTemplate} label={t("composer.template_send")} aria-haspopup="dialog" onClick={onTemplate} />}
      {isNote && <IconButton icon={AtSign} label={t("composer.mention")} onClick={() => onInsert("@")} />}
      <div className="flex min-w-0 flex-1 items-center justify-end gap-2 overflow-hidden px-1 text-xs text-muted">{status}</div>
      {!isNote && <ScheduleButton disabled={isEmpty} windowClosesAt={windowClosesAt} onSchedule={onSchedule} />}
      <div className="ms-1 flex">
        <Button
          variant="primary"
          aria-disabled={isEmpty}
          onClick={onSend}
          className="max-md:w-10 md:rounded-e-none aria-disabled:opacity-60"
          aria-label={t(isNote ? "composer.add_note" : "composer.send")}
        >
          <SendHorizontal aria-hidden className="rtl:rotate-180" />
          <span className="max-md:hidden">{t(isNote ? "composer.add_note" : "composer.send")}</span>
        </Button>
        <DropdownMenu
          side="top"
          trigger={
            <Button
              variant="primary"
              aria-label={t("composer.send_options")}
              className="w-7 border-s border-on-accent/30 px-0! max-md:hidden md:rounded-s-none"
            >
              <ChevronDown aria-hidden />
            </Button>
          }
          items={[
            { label: t("composer.enter_sends"), checked: enterSends, onSelect: () => onEnterSends(true) },
            { label: t("composer.enter_new_line"), checked: !enterSends, onSelect: () => onEnterSends(false) },
          ]}
        />
      </div>
    </div>
  );
}
