import { Check, Copy } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { showToast } from "@/components/ui/toast-store";
import { useT } from "@/lib/i18n";

/** A text to take elsewhere. Where the browser does not copy (no HTTPS) it is selected instead. */
export function CopyField({ label, value, description }: { label: string; value: string; description?: string }) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  const [copied, copy] = useCopy(value, () => input.current?.select());
  return (
    <Field label={label} description={description}>
      {(control) => (
        <span className="flex gap-2">
          <Input {...control} ref={input} readOnly dir="ltr" value={value} className="font-mono text-sm" onFocus={(event) => event.target.select()} />
          <Button onClick={copy} aria-label={t("settings.copy_name", { name: label })}>
            {copied ? <Check aria-hidden className="text-success" /> : <Copy aria-hidden />}
            {t(copied ? "common.copied" : "common.copy")}
          </Button>
        </span>
      )}
    </Field>
  );
}

/** Several lines to take elsewhere. */
export function CopyBlock({ label, value }: { label: string; value: string }) {
  const t = useT();
  const block = useRef<HTMLPreElement>(null);
  const [copied, copy] = useCopy(value, () => block.current && getSelection()?.selectAllChildren(block.current));
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-center justify-between gap-2">
        <span className="text-sm font-medium">{label}</span>
        <Button size="sm" onClick={copy} aria-label={t("settings.copy_name", { name: label })}>
          {copied ? <Check aria-hidden className="text-success" /> : <Copy aria-hidden />}
          {t(copied ? "common.copied" : "common.copy")}
        </Button>
      </div>
      {/* It scrolls, so it must be reached by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre ref={block} dir="ltr" tabIndex={0} role="region" aria-label={label} className="overflow-x-auto rounded-md border border-line bg-sunken p-3 font-mono text-sm">
        {value}
      </pre>
    </div>
  );
}

function useCopy(value: string, select: () => void): [boolean, () => void] {
  const t = useT();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      showToast(t("common.copied"), { tone: "success", lasts: 2000 });
    } catch {
      select();
      showToast(t("settings.copy_by_hand"));
    }
  };
  return [copied, () => void copy()];
}
