/** What a template has around its words, as the customer's phone shows it. */

import { ExternalLink, FileText, Film, Image as Picture, LayoutTemplate, Phone, Reply, type LucideIcon } from "lucide-react";
import { safeHref } from "@/features/thread/markup";
import type { SentTemplate } from "@/features/thread/structured";
import { useT } from "@/lib/i18n";

const FILES: Record<string, LucideIcon> = { image: Picture, video: Film, document: FileText };
const BUTTONS: Record<string, LucideIcon> = { reply: Reply, url: ExternalLink, phone: Phone };

export function TemplateHeader({ template, hasFile }: { template: SentTemplate; hasFile: boolean }) {
  const t = useT();
  const { header, name, language } = template;
  const Icon = FILES[header?.kind ?? ""] ?? FileText;
  const href = header?.url ? safeHref(header.url) : null;
  return (
    <>
      <p className="flex items-center gap-1 text-xs text-muted">
        <LayoutTemplate aria-hidden className="size-3.5 shrink-0" />
        <span className="truncate">{t("thread.template", { name })} · {language}</span>
      </p>
      {header?.text && <p dir="auto" className="font-semibold break-words">{header.text}</p>}
      {/* The carrier sends the file itself: it is fetched from its place by whoever wants to see it. */}
      {href && !hasFile && (
        <a href={href} target="_blank" rel="noopener noreferrer" className="flex h-20 min-w-48 flex-col items-center justify-center gap-1 rounded-lg bg-surface/60 text-sm text-accent-ink underline-offset-2 hover:underline">
          <Icon aria-hidden className="size-5" />
          {t("thread.template_file")}
        </a>
      )}
    </>
  );
}

export function TemplateFooter({ template }: { template: SentTemplate }) {
  if (!template.footer) return null;
  return <p dir="auto" className="text-xs break-words text-muted">{template.footer}</p>;
}

/** Nothing to press here: they are the customer's. */
export function TemplateButtons({ template }: { template: SentTemplate }) {
  const t = useT();
  if (template.buttons.length === 0) return null;
  return (
    <ul aria-label={t("thread.template_buttons")} className="mt-1 flex max-w-[min(85vw,38rem)] flex-wrap justify-end gap-1">
      {template.buttons.map(({ kind, text }, place) => {
        const Icon = BUTTONS[kind] ?? Reply;
        return (
          <li key={place} className="inline-flex h-7 max-w-full items-center gap-1.5 rounded-lg border border-line bg-surface px-2.5 text-sm text-muted">
            <Icon aria-hidden className="size-3.5 shrink-0" />
            <span dir="auto" className="truncate">{text}</span>
          </li>
        );
      })}
    </ul>
  );
}
