import { AttachmentChip } from "@/features/composer/attachment-chip";
import { uploads } from "@/features/uploads/uploads";
import type { UploadItem } from "@/features/uploads/upload-store";
import { useT } from "@/lib/i18n";

interface AttachmentTrayProps {
  files: readonly UploadItem[];
  onMove: (id: string, by: number) => void;
  onRemove: (id: string) => void;
}

/** The chosen files, in the order in which they go. */
export function AttachmentTray({ files, onMove, onRemove }: AttachmentTrayProps) {
  const t = useT();
  if (files.length === 0) return null;
  return (
    <ul aria-label={t("composer.files")} className="flex max-h-48 items-start gap-2 overflow-x-auto px-2 pt-2 pb-1">
      {files.map((item, place) => (
        <AttachmentChip
          key={item.id}
          item={item}
          onEarlier={place > 0 ? () => onMove(item.id, -1) : undefined}
          onLater={place < files.length - 1 ? () => onMove(item.id, 1) : undefined}
          onRetry={() => uploads.retry(item.id)}
          onRemove={() => onRemove(item.id)}
        />
      ))}
    </ul>
  );
}
