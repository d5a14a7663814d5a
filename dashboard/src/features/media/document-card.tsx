/** A document: its first page, name, pages and size. */

import { FileText } from "lucide-react";
import { useState } from "react";
import type { Attachment } from "@/api/types";
import { useT } from "@/lib/i18n";
import { ownAddress } from "@/features/media/addresses";
import { DownloadLink } from "@/features/media/download-link";
import { useFacts } from "@/features/media/facts";

export function DocumentCard({ attachment }: { attachment: Attachment }) {
  const t = useT();
  const facts = useFacts(attachment);
  const [isBroken, setBroken] = useState(false);
  const thumbnail = ownAddress(attachment.thumbnail_url);
  return (
    <div className="flex w-72 max-w-full items-center gap-3 rounded-lg border border-line bg-surface p-2">
      <div className="grid h-14 w-11 shrink-0 place-content-center overflow-hidden rounded border border-line bg-sunken text-muted">
        {thumbnail && !isBroken
          ? <img src={thumbnail} alt="" loading="lazy" className="h-14 w-11 object-cover object-top" onError={() => setBroken(true)} />
          : <FileText className="size-6" aria-hidden />}
      </div>
      <div className="min-w-0 grow">
        <p className="line-clamp-2 text-sm font-medium break-words" dir="auto">
          {attachment.filename || t("media.kind_document")}
        </p>
        <p className="text-xs text-muted">{facts.join(" · ")}</p>
      </div>
      <DownloadLink attachment={attachment} />
    </div>
  );
}
