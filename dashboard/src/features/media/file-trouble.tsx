/** A file that cannot be shown: not here yet, failed, or deleted. It keeps the file's room. */

import { FileX, LoaderCircle, TriangleAlert } from "lucide-react";
import type { Attachment } from "@/api/types";
import { useT } from "@/lib/i18n";
import { boxOf } from "@/features/media/box";

export type Trouble = "pending" | "failed" | "deleted";

const ICONS = { pending: LoaderCircle, failed: TriangleAlert, deleted: FileX };

export function FileTrouble({ attachment, trouble }: { attachment: Attachment; trouble: Trouble }) {
  const t = useT();
  const { kind, error } = attachment;
  const isVisual = kind === "image" || kind === "video" || kind === "sticker";
  const box = isVisual && trouble === "pending"
    ? boxOf(attachment.width, attachment.height, kind === "sticker" ? 160 : 300)
    : null;
  const Icon = ICONS[trouble];
  return (
    <div
      className="flex min-h-14 max-w-full items-center gap-2.5 rounded-lg border border-dashed border-outline px-3 py-2 text-sm text-muted"
      style={box ? { width: box.width, height: box.height } : undefined}
    >
      <Icon
        className={`size-5 shrink-0 ${trouble === "pending" ? "motion-safe:animate-spin" : ""}`}
        aria-hidden
      />
      <div className="min-w-0">
        <p>{t(`media.${trouble}_${kind}`)}</p>
        {attachment.filename && <p className="truncate text-xs" dir="auto">{attachment.filename}</p>}
        {trouble === "failed" && error && <p className="text-xs" dir="auto">{error}</p>}
      </div>
    </div>
  );
}
