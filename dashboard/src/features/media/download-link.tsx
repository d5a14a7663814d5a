/** The file itself, to keep. */

import { Download } from "lucide-react";
import type { Attachment } from "@/api/types";
import { useT } from "@/lib/i18n";
import { ownAddress } from "@/features/media/addresses";

export function DownloadLink({ attachment, className = "" }: { attachment: Attachment; className?: string }) {
  const t = useT();
  const href = ownAddress(attachment.url);
  if (!href) return null;
  const name = attachment.filename || t(`media.kind_${attachment.kind}`);
  return (
    <a
      href={href}
      download={attachment.filename || true}
      className={`grid size-8 shrink-0 place-content-center rounded-full text-muted hover:bg-hover hover:text-ink ${className}`}
      aria-label={t("media.download", { name })}
    >
      <Download className="size-4" aria-hidden />
    </a>
  );
}
