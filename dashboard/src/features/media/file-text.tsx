/** What was heard, seen or read in a file, folded when it is long. */

import { useState } from "react";
import type { Attachment } from "@/api/types";
import { api } from "@/lib/http";
import { languageName, useT } from "@/lib/i18n";

const LONG = 280;

export function FileText({ attachment }: { attachment: Attachment }) {
  const t = useT();
  const language = attachment.language ? languageName(attachment.language) : null;
  if (attachment.status === "processing") {
    return <p className="text-xs text-muted italic">{t(`media.processing_${attachment.kind}`)}</p>;
  }
  const { transcript, description, text } = attachment;
  return (
    <>
      {transcript && (
        <Folded label={language ? t("media.transcript_in", { language }) : t("media.transcript")} text={transcript}
          lang={attachment.language} attachment={attachment} field="transcript" />
      )}
      {description && <Folded label={t("media.description")} text={description} attachment={attachment} field="description" />}
      {text && <Folded label={t("media.text")} text={text} lang={attachment.language} isClosed attachment={attachment} field="text" />}
    </>
  );
}

interface FoldedProps {
  label: string;
  text: string;
  lang?: string | null;
  isClosed?: boolean;
  attachment: Attachment;
  field: "transcript" | "description" | "text";
}

function Folded({ label, text, lang, isClosed = false, attachment, field }: FoldedProps) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const [whole, setWhole] = useState<string | null>(null);
  const isLong = isClosed || text.length > LONG;
  const shown = isOpen ? whole ?? text : isClosed ? "" : `${text.slice(0, LONG)}…`;
  const toggle = () => {
    if (!isOpen && attachment.truncated && whole === null) {
      // Lists carry the beginning only; without an answer the beginning is still shown.
      api.get<Attachment>(`/api/v1/media/${attachment.media_id}`)
        .then((file) => setWhole(file[field]), () => undefined);
    }
    setOpen(!isOpen);
  };
  return (
    <div className="max-w-prose border-s-2 border-line ps-2 text-sm">
      <p className="flex flex-wrap items-center gap-x-2 text-xs text-muted">
        {label}
        {isLong && (
          <button type="button" onClick={toggle} aria-expanded={isOpen} className="min-h-6 text-accent-ink underline-offset-2 hover:underline">
            {t(isOpen ? "media.less" : "media.more")}
          </button>
        )}
      </p>
      {(isLong ? shown : text) && (
        <p className={`whitespace-pre-wrap break-words ${isOpen ? "max-h-96 overflow-y-auto" : ""}`} dir="auto" lang={lang ?? undefined}>
          {isLong ? shown : text}
        </p>
      )}
    </div>
  );
}
