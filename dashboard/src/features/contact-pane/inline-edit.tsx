import { Pencil } from "lucide-react";
import { useEffect, useId, useRef, useState, type ComponentProps, type ReactNode } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

export interface InlineEditProps {
  /** What it is: "E-mail". */
  label: string;
  value: string;
  /** How the value is shown, when not as itself. */
  children?: ReactNode;
  /** What is offered while there is no value: "Add an e-mail". */
  offer: string;
  mayEdit: boolean;
  onSave: (text: string) => void;
  /** What is wrong with a text; null when nothing is. */
  check?: (text: string) => string | null;
  input?: Pick<ComponentProps<typeof Input>, "type" | "maxLength" | "inputMode" | "dir">;
  className?: string;
}

/** A value with a pencil: Enter and leaving the field save, Escape brings back what was. */
export function InlineEdit({ label, value, children, offer, mayEdit, onSave, check, input, className }: InlineEditProps) {
  const t = useT();
  const [typed, setTyped] = useState<string | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const back = useRef(false);
  useEffect(() => {
    if (typed !== null || !back.current) return;
    back.current = false;
    opener.current?.focus();
  }, [typed]);

  if (typed !== null) {
    const close = (byKey: boolean) => {
      back.current = byKey;
      setTyped(null);
    };
    const save = (byKey: boolean) => {
      const text = typed.trim();
      if (text !== value && check?.(text)) return;
      close(byKey);
      if (text !== value) onSave(text);
    };
    const problem = typed.trim() === value ? null : (check?.(typed.trim()) ?? null);
    return <Editor label={label} typed={typed} onType={setTyped} problem={problem} onSave={save} onCancel={() => close(true)} input={input} className={className} />;
  }
  if (value === "") {
    if (!mayEdit) return <span className="flex items-center text-faint">{t("common.none")}</span>;
    return (
      <button ref={opener} type="button" onClick={() => setTyped("")} className="min-h-7 text-start text-muted hover:text-accent-ink hover:underline">
        {offer}
      </button>
    );
  }
  return (
    <span className={cx("group/edit flex min-w-0 flex-1 items-center gap-1", className)}>
      <bdi className="min-w-0 wrap-anywhere">{children ?? value}</bdi>
      {mayEdit && (
        <IconButton
          ref={opener}
          icon={Pencil}
          size="sm"
          label={t("contacts.edit", { name: label })}
          tooltip={false}
          onClick={() => setTyped(value)}
          className="opacity-0 group-hover/edit:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100"
        />
      )}
    </span>
  );
}

interface EditorProps extends Pick<InlineEditProps, "label"> {
  typed: string;
  onType: (text: string) => void;
  problem: string | null;
  onSave: (byKey: boolean) => void;
  onCancel: () => void;
  input: InlineEditProps["input"] | undefined;
  className: string | undefined;
}

function Editor({ label, typed, onType, problem, onSave, onCancel, input, className }: EditorProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [tried, setTried] = useState(false);
  useEffect(() => field.current?.select(), []);
  useOwnEscape(field, onCancel);
  const shown = tried ? problem : null;
  return (
    <form
      noValidate
      className={cx("min-w-0 flex-1", className)}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        onSave(true);
      }}
    >
      <Input
        {...input}
        ref={field}
        aria-label={label}
        aria-invalid={shown !== null}
        aria-describedby={`${id}-error`}
        value={typed}
        autoComplete="off"
        onChange={(event) => onType(event.target.value)}
        onBlur={() => {
          setTried(true);
          onSave(false);
        }}
      />
      <span id={`${id}-error`} role="alert" className={cx(shown ? "mt-1 block text-sm text-danger" : "hidden")}>{shown}</span>
    </form>
  );
}

/** Escape in a field leaves the field only: the drawer that it may stand in listens earlier than it. */
export function useOwnEscape(field: { readonly current: HTMLElement | null }, onEscape: () => void): void {
  const latest = useRef(onEscape);
  useEffect(() => {
    latest.current = onEscape;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.isComposing || !field.current?.contains(event.target as Node)) return;
      event.stopPropagation();
      event.preventDefault();
      latest.current();
    };
    addEventListener("keydown", onKeyDown, true);
    return () => removeEventListener("keydown", onKeyDown, true);
  }, [field]);
}
