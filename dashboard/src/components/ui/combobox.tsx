import { Check, ChevronDown } from "lucide-react";
import { Popover as Radix } from "radix-ui";
import { useId, useState, type KeyboardEvent, type ReactNode } from "react";
import { CONTROL } from "@/components/ui/control-class";
import { FLOATING, MENU_ITEM } from "@/components/ui/menu-class";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

export interface ComboboxOption {
  value: string;
  label: string;
  /** Further words that find it. */
  keywords?: string;
  icon?: ReactNode;
  hint?: ReactNode;
}

export interface ComboboxProps {
  options: readonly ComboboxOption[];
  /** With `multiple` all of them; else one or none. */
  values: readonly string[];
  onChange: (values: string[]) => void;
  multiple?: boolean;
  /** The accessible name of the field of search. */
  label: string;
  placeholder?: string;
  /** In place of the usual field: one element that takes a ref and props. */
  trigger?: ReactNode;
  id?: string;
  disabled?: boolean;
  className?: string;
  align?: "start" | "center" | "end";
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  /** Offers to make what was typed and is not there. */
  onCreate?: (text: string) => void;
  createLabel?: (text: string) => string;
  "aria-describedby"?: string;
}

/** One or several of many, found by typing. */
export function Combobox(props: ComboboxProps) {
  const { options, values, label, placeholder, trigger, id, disabled, className, align = "start" } = props;
  const [own, setOwn] = useState(false);
  const open = props.open ?? own;
  const setOpen = props.onOpenChange ?? setOwn;
  const chosen = options.filter((option) => values.includes(option.value));
  return (
    <Radix.Root open={open} onOpenChange={setOpen}>
      <Radix.Trigger asChild disabled={disabled ?? false}>
        {trigger ?? (
          <button
            type="button"
            id={id}
            aria-describedby={props["aria-describedby"]}
            className={cx(CONTROL, "inline-flex h-8 items-center gap-2 px-2.5 text-start", className)}
          >
            <span className={cx("min-w-0 flex-1 truncate", chosen.length === 0 && "text-faint")}>
              {chosen.map((option) => option.label).join(", ") || placeholder}
            </span>
            <ChevronDown aria-hidden className="size-4 shrink-0 text-muted" />
          </button>
        )}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          className={cx(FLOATING, "flex max-h-80 w-72 min-w-(--radix-popover-trigger-width) max-w-[calc(100vw-1rem)] flex-col")}
        >
          <Choices {...props} close={() => setOpen(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Choices({ options, values, onChange, multiple, label, onCreate, createLabel, close }: ComboboxProps & { close: () => void }) {
  const t = useT();
  const listId = useId();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const words = fold(typed).split(/\s+/);
  const found = options.filter((each) => {
    const text = fold(`${each.label} ${each.keywords ?? ""}`);
    return words.every((word) => text.includes(word));
  });
  const mayCreate = onCreate && typed.trim() !== "" && !found.some((each) => fold(each.label) === fold(typed.trim()));
  const count = found.length + (mayCreate ? 1 : 0);
  const at = Math.min(active, count - 1);

  function choose(index: number): void {
    const option = found[index];
    if (!option) {
      if (mayCreate) onCreate(typed.trim());
      if (!multiple) close();
      setTyped("");
      return;
    }
    const has = values.includes(option.value);
    const rest = values.filter((value) => value !== option.value);
    if (multiple) onChange(has ? rest : [...values, option.value]);
    else {
      onChange([option.value]);
      close();
    }
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && count > 0) setActive((at + step + count) % count);
    else if (event.key === "Home" && typed === "") setActive(0);
    else if (event.key === "End" && typed === "") setActive(count - 1);
    else if (event.key === "Enter") choose(at);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <input
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={count > 0 ? `${listId}-${at}` : undefined}
        autoComplete="off"
        placeholder={t("common.search")}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        className="h-9 shrink-0 border-b border-line bg-transparent px-3 outline-none"
      />
      <div id={listId} role="listbox" aria-label={label} aria-multiselectable={multiple} className="min-h-0 overflow-y-auto p-1">
        {found.map((option, index) => (
          <Choice
            key={option.value}
            id={`${listId}-${index}`}
            active={index === at}
            selected={values.includes(option.value)}
            onPoint={() => setActive(index)}
            onChoose={() => choose(index)}
          >
            {option.icon}
            <span className="min-w-0 flex-1 truncate">{option.label}</span>
            {option.hint && <span className="text-sm text-faint">{option.hint}</span>}
          </Choice>
        ))}
        {mayCreate && (
          <Choice
            id={`${listId}-${found.length}`}
            active={at === found.length}
            selected={false}
            onPoint={() => setActive(found.length)}
            onChoose={() => choose(found.length)}
          >
            <span className="text-accent-ink">{createLabel?.(typed.trim()) ?? typed}</span>
          </Choice>
        )}
      </div>
      <p role="status" className={count === 0 ? "px-3 pb-3 text-sm text-muted" : "sr-only"}>
        {count === 0 && t("common.no_matches", { query: typed })}
      </p>
    </>
  );
}

interface ChoiceProps {
  id: string;
  active: boolean;
  selected: boolean;
  onPoint: () => void;
  onChoose: () => void;
  children: ReactNode;
}

function Choice({ id, active, selected, onPoint, onChoose, children }: ChoiceProps) {
  return (
    // Focus stays in the field, which says by aria-activedescendant where the keys are.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={selected}
      data-highlighted={active ? "" : undefined}
      onPointerMove={onPoint}
      onClick={onChoose}
      ref={(node) => {
        if (active) node?.scrollIntoView({ block: "nearest" });
      }}
      className={MENU_ITEM}
    >
      {children}
      {selected && <Check aria-hidden className="text-accent-ink" />}
    </div>
  );
}

/** For comparing: without case and accents. */
function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
