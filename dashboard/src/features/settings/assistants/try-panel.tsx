import { CircleStop, MessageCircleQuestion, RotateCcw, SendHorizontal, Smartphone } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { IconButton } from "@/components/ui/icon-button";
import { Textarea } from "@/components/ui/textarea";
import { TryBubble } from "@/features/settings/assistants/try-bubble";
import type { Assistant } from "@/features/settings/assistants/use-assistants";
import { useTryChat } from "@/features/settings/assistants/use-try-chat";
import { submitting } from "@/features/settings/parts/form-parts";
import { useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";

/** Asks the assistant as it is saved, by the same way that customers' messages go. */
export function TryPanel({ assistant, dirty }: { assistant: Assistant; dirty: boolean }) {
  const t = useT();
  const { features } = useMe();
  const chat = useTryChat(assistant.assistant_id);
  const [typed, setTyped] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [chat.messages]);
  function send(): void {
    const text = typed.trim();
    if (text === "" || chat.busy) return;
    setTyped("");
    void chat.ask(text);
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }
  const told = chat.messages.findLast((each) => each.from === "AI" && each.state === "done");
  return (
    <section aria-label={t("settings.try_title")} className="flex h-[32rem] max-h-[80dvh] flex-col rounded-lg border border-line bg-canvas xl:sticky xl:top-6">
      <div className="flex min-h-12 items-center gap-1 border-b border-line bg-surface px-3">
        <h2 className="flex-1 font-semibold">{t("settings.try_title")}</h2>
        {features.sandbox && (
          <a href="/sandbox/phone" target="_blank" rel="noreferrer" className="inline-flex min-h-8 items-center gap-1 rounded-md px-2 text-sm text-accent-ink hover:bg-hover">
            <Smartphone aria-hidden className="size-4" />
            {t("settings.try_phone")}
          </a>
        )}
        <IconButton
          icon={RotateCcw}
          label={t("settings.try_reset")}
          disabled={chat.messages.length === 0}
          onClick={() => {
            chat.reset();
            field.current?.focus();
          }}
        />
      </div>
      {dirty && <p className="border-b border-line bg-warning-soft px-3 py-1.5 text-sm text-warning">{t("settings.try_unsaved")}</p>}
      <div ref={list} className="flex min-h-0 flex-1 flex-col gap-2 overflow-y-auto p-3">
        {chat.messages.length === 0 ? (
          <EmptyState icon={MessageCircleQuestion} title={t("settings.try_empty")} className="py-4">{t("settings.try_empty_text")}</EmptyState>
        ) : (
          chat.messages.map((message) => <TryBubble key={message.id} message={message} />)
        )}
      </div>
      {/* The whole answer, once: word by word it could not be followed. */}
      <div role="status" className="sr-only">{told ? t("settings.try_answered", { text: told.text }) : ""}</div>
      <form className="flex items-end gap-2 border-t border-line bg-surface p-2" onSubmit={submitting(send)}>
        <Textarea ref={field} rows={1} dir="auto" maxLength={32_000} aria-label={t("settings.try_question")} placeholder={t("settings.try_question")} className="max-h-32 min-h-8 flex-1 resize-none"
          value={typed} onChange={(event) => setTyped(event.target.value)} onKeyDown={onKeyDown} />
        {chat.busy ? (
          <Button onClick={chat.stop}>
            <CircleStop aria-hidden />
            {t("settings.try_stop")}
          </Button>
        ) : (
          <IconButton icon={SendHorizontal} type="submit" variant="accent" label={t("common.send")} disabled={typed.trim() === ""} className="rtl:-scale-x-100" />
        )}
      </form>
    </section>
  );
}
