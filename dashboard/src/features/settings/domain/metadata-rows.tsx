import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { isMasked, isSecret, rowProblems, type MetadataRow } from "@/features/settings/domain/metadata";
import { useT } from "@/lib/i18n";

/** A name and a value on each line. A masked secret stays as it is until something else is typed. */
export function MetadataRows({ rows, onChange }: { rows: readonly MetadataRow[]; onChange: (rows: MetadataRow[]) => void }) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  const problems = rowProblems(rows);
  const replace = (index: number, part: Partial<MetadataRow>) => onChange(rows.map((row, place) => (place === index ? { ...row, ...part } : row)));
  function add(): void {
    onChange([...rows, { key: "", value: "", text: true }]);
    setTimeout(() => list.current?.querySelector<HTMLInputElement>("[data-row]:last-of-type input")?.focus());
  }
  return (
    <div ref={list} className="flex flex-col gap-2">
      {rows.length === 0 && <p className="text-muted">{t("settings.metadata_empty")}</p>}
      {rows.map((row, index) => {
        const problem = problems[index];
        return (
          <div key={index} data-row className="flex flex-wrap items-start gap-2">
            <Input dir="ltr" aria-label={t("settings.metadata_key", { count: index + 1 })} aria-invalid={problem ? true : undefined} placeholder="name" autoComplete="off" spellCheck={false}
              className="w-auto! min-w-40 flex-1 font-mono text-sm" value={row.key} onChange={(event) => replace(index, { key: event.target.value })} />
            <span className="relative min-w-48 flex-2">
              <Input dir="ltr" aria-label={t("settings.metadata_value", { name: row.key || `${index + 1}` })} placeholder="value" autoComplete="off" spellCheck={false}
                className="pe-20! font-mono text-sm" value={row.value}
                onFocus={(event) => isMasked(row.value) && event.target.select()}
                onChange={(event) => replace(index, { value: event.target.value })} />
              <span className="pointer-events-none absolute end-1.5 top-1.5">
                {!row.text ? <Badge>JSON</Badge> : isSecret(row.key) && isMasked(row.value) ? <Badge tone="info">{t("settings.metadata_kept")}</Badge> : null}
              </span>
            </span>
            <IconButton icon={X} tooltip={false} label={t("settings.remove_of", { name: row.key || `${index + 1}` })} onClick={() => onChange(rows.filter((_, place) => place !== index))} />
            {problem && <p role="alert" className="basis-full text-sm text-danger">{t(`settings.metadata_${problem}`)}</p>}
          </div>
        );
      })}
      <Button size="sm" className="self-start" onClick={add}>
        <Plus aria-hidden />
        {t("settings.metadata_add")}
      </Button>
    </div>
  );
}
