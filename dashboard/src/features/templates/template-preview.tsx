import { ExternalLink, FileText, Film, Image as Picture, Phone, Reply, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { TemplateButton, TemplateContent, TemplateHeader } from "@/api/outreach-types";
import type { ChannelKind } from "@/api/types";
import { partsOf, type Values } from "@/features/templates/template-text";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

export interface TemplatePreviewProps {
  channel: ChannelKind;
  template: TemplateContent;
  values: Values;
  /** Whose name stands above. */
  from: string;
  className?: string;
}

/** How a message reads on the customer's phone. */
export function TemplatePreview({ channel, template, values, from, className }: TemplatePreviewProps) {
  const t = useT();
  const isSms = channel === "sms";
  return (
    <figure
      aria-label={t("outreach.preview_label")}
      className={cx("mx-auto flex w-full max-w-72 flex-col overflow-hidden rounded-[1.75rem] border-4 border-ink/80 bg-surface shadow-raised dark:border-outline/60", className)}
    >
      <div aria-hidden className={cx("flex h-10 shrink-0 items-center gap-2 px-4", isSms ? "border-b border-line bg-canvas" : "bg-accent text-on-accent")}>
        <span className={cx("inline-flex size-6 items-center justify-center rounded-full text-xs font-semibold", isSms ? "bg-sunken text-muted" : "bg-on-accent/20")}>
          {from.trim().charAt(0).toLocaleUpperCase() || "?"}
        </span>
        <span className="min-w-0 flex-1 truncate text-sm font-medium">{from}</span>
      </div>
      <div className={cx("flex min-h-56 flex-1 flex-col justify-end gap-1 p-3", isSms ? "bg-surface" : "bg-sunken")}>
        <Message template={template} values={values} isSms={isSms} />
      </div>
    </figure>
  );
}

function Message({ template, values, isSms }: { template: TemplateContent; values: Values; isSms: boolean }) {
  const t = useT();
  const { header, body, footer, buttons } = template;
  return (
    <div className="flex max-w-[92%] flex-col gap-1">
      <div className={cx("flex flex-col gap-1 overflow-hidden rounded-xl rounded-ss-sm px-2.5 py-2", isSms ? "bg-sunken" : "border border-line bg-bubble-in")}>
        {header && <Header header={header} values={values} />}
        {body.trim() === "" ? (
          <p className="text-faint italic">{t("outreach.preview_empty")}</p>
        ) : (
          <p dir="auto" className="break-words whitespace-pre-wrap"><Filled text={body} values={values} /></p>
        )}
        {footer && <p dir="auto" className="text-xs break-words text-muted"><Filled text={footer} values={values} /></p>}
      </div>
      {buttons.map((button, place) => <Button key={place} button={button} />)}
    </div>
  );
}

export const HEADER_ICONS: Record<Exclude<TemplateHeader["kind"], "text">, LucideIcon> = { image: Picture, video: Film, document: FileText };

function Header({ header, values }: { header: TemplateHeader; values: Values }) {
  const t = useT();
  if (header.kind === "text") {
    return header.text ? <p dir="auto" className="font-semibold break-words"><Filled text={header.text} values={values} /></p> : null;
  }
  const Icon = HEADER_ICONS[header.kind];
  // The file is the carrier's: nothing of other servers is loaded here.
  return (
    <div className="-mx-1 flex h-24 flex-col items-center justify-center gap-1 rounded-lg bg-sunken text-muted">
      <Icon aria-hidden className="size-6" />
      <span className="max-w-full truncate px-2 text-xs">{fileName(header.url) || t(`outreach.header_${header.kind}`)}</span>
    </div>
  );
}

export const BUTTON_ICONS: Record<TemplateButton["kind"], LucideIcon> = { reply: Reply, url: ExternalLink, phone: Phone };

function Button({ button }: { button: TemplateButton }) {
  const Icon = BUTTON_ICONS[button.kind];
  return (
    <span className="flex min-h-8 items-center justify-center gap-1.5 rounded-lg border border-line bg-bubble-in px-2 text-sm font-medium text-accent-ink">
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span dir="auto" className="truncate">{button.text || "…"}</span>
    </span>
  );
}

/** The text with its variables marked: filled in, or as the places that they have. */
function Filled({ text, values }: { text: string; values: Values }): ReactNode {
  return partsOf(text, values).map((part, place) =>
    part.variable === undefined ? (
      <span key={place}>{part.text}</span>
    ) : (
      <span key={place} className={cx("rounded-sm px-0.5", part.filled ? "bg-accent-soft text-accent-ink" : "bg-warning-soft text-warning")}>
        {part.text}
      </span>
    ),
  );
}

/** The last part of an address. */
export function fileName(url: string | null | undefined): string {
  const name = /([^/?#]+)(?:[?#].*)?$/.exec((url ?? "").replace(/^\w+:\/\/[^/]*/, ""))?.[1] ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
