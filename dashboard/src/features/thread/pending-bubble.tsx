/** A message that is on its way from here to the server. */

import { CircleAlert, Clock, FileText, Mic, RotateCw, Video, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { boxOf } from "@/features/media/box";
import { cx } from "@/lib/class-names";
import { formatBytes, formatNumber, formatTime, useT } from "@/lib/i18n";
import { groundOf, hasMarkup } from "@/features/thread/bubble-look";
import { Markup } from "@/features/thread/markup-view";
import { removePending, type Pending, type PendingAttachment } from "@/features/thread/outbox";
import { QuoteBlock } from "@/features/thread/quote-block";
import { useScene } from "@/features/thread/thread-context";

export function PendingBubble({ pending, first }: { pending: Pending; first: boolean }) {
  const t = useT();
  const { conversation } = useScene();
  const ground = groundOf({ kind: pending.note ? "note" : "text", sender: "human" });
  const hasFailed = pending.state === "failed";
  return (
    <div className={cx("flex flex-col items-end", first ? "pt-2.5" : "pt-0.5")}>
      {first && <p className="px-1.5 pb-0.5 text-xs text-muted">{t("common.you")}</p>}
      <div className={cx("grid max-w-[min(85vw,38rem)] grid-cols-[minmax(0,auto)] gap-1 rounded-xl rounded-ee-sm border px-2.5 py-1.5", ground)}>
        {pending.reply_to && <QuoteBlock quote={pending.reply_to} customer={conversation.display_name} />}
        {pending.content !== "" && (
          <p className="text-base break-words whitespace-pre-wrap" dir="auto"><Markup text={pending.content} styles={pending.note === true || hasMarkup(conversation.channel)} /></p>
        )}
        {pending.attachments.map((file, index) => <PendingFile key={file.media_id ?? index} file={file} />)}
        <footer className="flex items-center justify-end gap-1 text-xs text-muted">
          <time dateTime={pending.created_at}>{formatTime(pending.created_at)}</time>
          {!hasFailed && (
            <span className="inline-flex items-center gap-1" title={pending.error ? undefined : t(`thread.pending_${pending.state}`)}>
              {pending.error && <bdi>{pending.error}</bdi>}
              <Clock className="size-3.5" aria-hidden />
              {!pending.error && <span className="sr-only">{t(`thread.pending_${pending.state}`)}</span>}
            </span>
          )}
        </footer>
        {hasFailed && (
          <div role="alert" className="flex flex-wrap items-center gap-x-2 gap-y-1 border-t border-line pt-1.5 text-sm text-danger">
            <CircleAlert className="size-4 shrink-0" aria-hidden />
            <span className="min-w-0"><bdi>{pending.error || t("thread.pending_failed")}</bdi></span>
            {pending.retry && (
              <Button size="sm" onClick={pending.retry}><RotateCw aria-hidden />{t("common.retry")}</Button>
            )}
            <Button size="sm" variant="ghost" onClick={() => removePending(conversation.chat_id, pending.key)}>
              <X aria-hidden />{t("common.remove")}
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

const ICONS = { audio: Mic, video: Video, document: FileText, image: FileText, sticker: FileText };

function PendingFile({ file }: { file: PendingAttachment }) {
  const box = boxOf(file.width ?? null, file.height ?? null, file.kind === "sticker" ? 160 : 300);
  const isPicture = (file.kind === "image" || file.kind === "sticker") && file.preview_url;
  const Icon = ICONS[file.kind];
  return (
    <div className="relative max-w-full overflow-hidden rounded-lg bg-sunken">
      {isPicture ? (
        <img src={file.preview_url} alt={file.filename} width={box.width} height={box.height} className="object-cover" style={{ width: box.width, height: box.height }} />
      ) : (
        <p className="flex min-h-14 w-72 max-w-full items-center gap-2 px-3 text-sm">
          <Icon className="size-5 shrink-0 text-muted" aria-hidden />
          <span className="min-w-0 truncate" dir="auto">{file.filename}</span>
          <span className="ms-auto shrink-0 text-xs text-muted">{formatBytes(file.size)}</span>
        </p>
      )}
      <Progress progress={file.progress} name={file.filename} />
    </div>
  );
}

function Progress({ progress, name }: { progress: number | undefined; name: string }) {
  if (progress === undefined || progress >= 1) return null;
  const percent = Math.round(progress * 100);
  return (
    <div role="progressbar" aria-label={name} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100} className="absolute inset-x-0 bottom-0 h-1.5 bg-black/25">
      <div className="h-full bg-accent" style={{ width: `${percent}%` }} />
      <span className="sr-only">{formatNumber(percent)}%</span>
    </div>
  );
}
