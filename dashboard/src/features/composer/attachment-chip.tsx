import { ChevronLeft, ChevronRight, FileText, Film, Music, RotateCw, X } from "lucide-react";
import { IconButton } from "@/components/ui/icon-button";
import { Progress } from "@/components/ui/progress";
import { bytes, say } from "@/features/uploads/limits";
import { isOpen, type UploadItem } from "@/features/uploads/upload-store";
import { cx } from "@/lib/class-names";
import { useT, type Translate } from "@/lib/i18n";

interface AttachmentChipProps {
  item: UploadItem;
  /** Undefined where it cannot go any further. */
  onEarlier?: (() => void) | undefined;
  onLater?: (() => void) | undefined;
  onRetry: () => void;
  onRemove: () => void;
}

const ICONS = { audio: Music, video: Film, document: FileText };

/** A chosen file: what it is, how far its upload is, and what can be done with it. */
export function AttachmentChip({ item, onEarlier, onLater, onRetry, onRemove }: AttachmentChipProps) {
  const t = useT();
  const failed = item.state === "failed" || item.state === "refused";
  const running = isOpen(item);
  const moves = onEarlier ?? onLater;
  return (
    <li
      className={cx(
        "flex max-w-full shrink-0 items-center gap-2 rounded-lg border bg-surface p-1.5",
        item.problem ? "w-80" : "w-60",
        failed ? "border-danger" : "border-line",
      )}
    >
      <Thumbnail item={item} />
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm font-medium" title={item.name} dir="auto">
          {item.name}
        </p>
        <p className={cx("text-xs", failed ? "text-danger" : item.problem ? "text-muted" : "truncate text-muted")}>{status(item, t)}</p>
        {running && <Progress className="mt-1" value={item.state === "uploading" ? item.progress : undefined} label={t("composer.uploading", { file: item.name })} />}
      </div>
      <div className="flex flex-col items-end self-start">
        <div className="flex">
          {(item.state === "failed" || item.state === "retrying" || item.state === "offline") && (
            <IconButton icon={RotateCw} size="sm" label={t("composer.retry_file", { file: item.name })} onClick={onRetry} />
          )}
          <IconButton
            icon={X}
            size="sm"
            label={t(running ? "composer.cancel_file" : "composer.remove_file", { file: item.name })}
            onClick={onRemove}
          />
        </div>
        {moves && !failed && (
          <div className="flex justify-end">
            <IconButton icon={ChevronLeft} size="sm" className="rtl:rotate-180" tooltip={false} disabled={!onEarlier} label={t("composer.move_earlier", { file: item.name })} onClick={onEarlier} />
            <IconButton icon={ChevronRight} size="sm" className="rtl:rotate-180" tooltip={false} disabled={!onLater} label={t("composer.move_later", { file: item.name })} onClick={onLater} />
          </div>
        )}
      </div>
    </li>
  );
}

function Thumbnail({ item }: { item: UploadItem }) {
  const box = "size-12 shrink-0 rounded-md bg-sunken";
  if (item.previewUrl && item.kind === "image" && item.state !== "refused") {
    return <img src={item.previewUrl} alt="" className={cx(box, "object-cover")} />;
  }
  if (item.previewUrl?.startsWith("blob:") && item.kind === "video") {
    return <video src={item.previewUrl} muted preload="metadata" aria-hidden className={cx(box, "object-cover")} />;
  }
  const Icon = item.kind === "image" ? FileText : ICONS[item.kind];
  return (
    <span className={cx(box, "inline-flex items-center justify-center text-muted")}>
      <Icon aria-hidden className="size-5" />
    </span>
  );
}

function status(item: UploadItem, t: Translate): string {
  switch (item.state) {
    case "preparing":
      return t("composer.state_preparing");
    case "waiting":
      return t("composer.state_waiting");
    case "uploading":
      return t("composer.state_uploading", { percent: Math.round(item.progress * 100), size: bytes(item.size) });
    case "storing":
      return t("composer.state_storing");
    case "done":
      if (item.originalSize !== null) return t("composer.state_smaller", { size: bytes(item.size), original: bytes(item.originalSize) });
      return item.fitted ? t("composer.state_fitted", { size: bytes(item.size) }) : bytes(item.size);
    default:
      return item.problem ? say(item.problem, t) : "";
  }
}
