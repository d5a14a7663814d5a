import { ChevronDown } from "lucide-react";
import { useId, type ReactNode } from "react";
import { cx } from "@/lib/class-names";
import { formatNumber } from "@/lib/i18n";
import { useStored } from "@/lib/storage";

export interface SectionProps {
  /** Under which it is remembered whether the section is open. */
  name: string;
  title: string;
  count?: number;
  /** At the end of the heading: shown while the section is open. */
  action?: ReactNode;
  /** Closed until someone opens it. */
  closed?: boolean;
  children: ReactNode;
}

/** A part of the card that folds, and stays as it was left. */
export function Section({ name, title, count, action, closed = false, children }: SectionProps) {
  const id = useId();
  const [states, setStates] = useStored<Record<string, boolean>>("contact-sections", {});
  const open = states[name] ?? !closed;
  return (
    <section aria-labelledby={`${id}-title`} className="border-t border-line">
      <div className="flex h-10 items-center gap-1 pe-2">
        <h3 className="min-w-0 flex-1">
          <button
            type="button"
            id={`${id}-title`}
            aria-expanded={open}
            aria-controls={`${id}-body`}
            onClick={() => setStates({ ...states, [name]: !open })}
            className="flex h-10 w-full items-center gap-1.5 ps-4 text-start text-sm font-semibold hover:text-accent-ink focus-visible:-outline-offset-2"
          >
            <ChevronDown aria-hidden className={cx("size-3.5 shrink-0 text-muted transition-transform", !open && "-rotate-90 rtl:rotate-90")} />
            <span className="truncate">{title}</span>
            {count !== undefined && count > 0 && <span className="font-normal text-faint">{formatNumber(count)}</span>}
          </button>
        </h3>
        {open && action}
      </div>
      <div id={`${id}-body`} hidden={!open} className="px-4 pb-4">
        {open && children}
      </div>
    </section>
  );
}

/** What a section says while there is nothing in it. */
export function Nothing({ children }: { children: ReactNode }) {
  return <p className="text-sm text-muted">{children}</p>;
}
