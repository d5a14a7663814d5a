import { LayoutTemplate } from "lucide-react";
import { useState } from "react";
import type { Template } from "@/api/outreach-types";
import { Badge } from "@/components/ui/badge";
import { Input } from "@/components/ui/input";
import { cx } from "@/lib/class-names";
import { languageName, useT } from "@/lib/i18n";

export interface TemplateChoiceProps {
  templates: readonly Template[];
  onChoose: (template: Template) => void;
  className?: string;
}

/** From so many on, a field that narrows the list. */
const MANY = 6;

/** One of the approved templates. */
export function TemplateChoice({ templates, onChoose, className }: TemplateChoiceProps) {
  const t = useT();
  const [typed, setTyped] = useState("");
  const words = fold(typed).split(/\s+/).filter(Boolean);
  const found = templates.filter((each) => {
    const text = fold(`${each.name} ${each.body} ${each.header?.text ?? ""} ${languageName(each.language)}`);
    return words.every((word) => text.includes(word));
  });
  return (
    <div className={cx("flex min-h-0 flex-col gap-2", className)}>
      {templates.length >= MANY && (
        <Input type="search" aria-label={t("outreach.templates_search")} placeholder={t("outreach.templates_search")} value={typed} onChange={(event) => setTyped(event.target.value)} />
      )}
      <ul aria-label={t("outreach.templates_choose")} className="flex min-h-0 flex-col gap-1.5 overflow-y-auto p-0.5">
        {found.map((template) => (
          <li key={template.template_id}>
            <button
              type="button"
              onClick={() => onChoose(template)}
              className="flex w-full flex-col gap-0.5 rounded-lg border border-line px-3 py-2 text-start hover:bg-hover"
            >
              <span className="flex w-full items-center gap-2">
                <LayoutTemplate aria-hidden className="size-4 shrink-0 text-muted" />
                <span className="min-w-0 flex-1 truncate font-medium">{template.name}</span>
                <Badge>{template.language}</Badge>
              </span>
              <span dir="auto" className="line-clamp-2 text-sm text-muted">{template.body}</span>
            </button>
          </li>
        ))}
      </ul>
      <p role="status" className={cx("text-sm text-muted", found.length > 0 && "sr-only")}>
        {found.length === 0 ? t("common.no_matches", { query: typed }) : ""}
      </p>
    </div>
  );
}

/** For comparing: without case and accents. */
function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
