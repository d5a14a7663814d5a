/** Changes a message's words in its place, and for a scheduled one when it goes. */

import { useId, useRef, useState, type KeyboardEvent } from "react";
import type { Message } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { useT } from "@/lib/i18n";
import { useMessageAction } from "@/features/thread/message-actions";

export function MessageEdit({ message, onClose }: { message: Message; onClose: () => void }) {
  const t = useT();
  const { edit, isPending } = useMessageAction(message);
  const [content, setContent] = useState(message.content);
  const [at, setAt] = useState(() => localMinute(message.scheduled_at));
  const timeId = useId();
  const box = useRef<HTMLDivElement>(null);
  const isScheduled = message.status === "scheduled";
  const isEmpty = content.trim() === "" && message.attachments.length === 0;

  const save = async () => {
    if (isEmpty || isPending) return;
    const change = isScheduled && at ? { content, scheduled_at: new Date(at).toISOString() } : { content };
    if (await edit(change)) onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // The thread's own keys stay out of what is typed.
    event.stopPropagation();
    if (event.key === "Escape") onClose();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
  };
  return (
    // Keys only pass through here.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div ref={box} className="grid w-[min(28rem,70vw)] gap-2 py-1" onKeyDown={onKeyDown}>
      <Textarea
        // Editing was asked for: the cursor belongs here.
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        rows={2}
        className="max-h-60"
        dir="auto"
        aria-label={t("thread.edit_text")}
        value={content}
        onChange={(event) => setContent(event.target.value)}
      />
      {isScheduled && (
        <label htmlFor={timeId} className="flex flex-wrap items-center gap-2 text-sm">
          {t("thread.edit_when")}
          <Input id={timeId} type="datetime-local" className="w-auto!" min={localMinute(new Date().toISOString())} value={at} onChange={(event) => setAt(event.target.value)} />
        </label>
      )}
      <div className="flex justify-end gap-2">
        <Button size="sm" onClick={onClose}>{t("common.cancel")}</Button>
        <Button size="sm" variant="primary" pending={isPending} disabled={isEmpty} onClick={() => void save()}>{t("common.save")}</Button>
      </div>
    </div>
  );
}

/** As the field for date and time wants it: where the viewer is, to the minute. */
export function localMinute(at: string | null): string {
  if (!at) return "";
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
