import { useId, type ReactNode } from "react";
import { cx } from "@/lib/class-names";

export interface CardProps {
  title?: string;
  description?: ReactNode;
  actions?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** One matter of a section. */
export function Card({ title, description, actions, className, children }: CardProps) {
  const id = useId();
  return (
    <section aria-labelledby={title === undefined ? undefined : id} className="rounded-lg border border-line bg-surface">
      {title !== undefined && (
        <div className="flex flex-wrap items-start gap-2 border-b border-line px-4 py-3">
          <div className="min-w-0 flex-1 basis-60">
            <h2 id={id} className="font-semibold">{title}</h2>
            {description && <div className="mt-0.5 max-w-prose text-sm text-muted">{description}</div>}
          </div>
          {actions}
        </div>
      )}
      <div className={cx("flex flex-col gap-3 p-4", className)}>{children}</div>
    </section>
  );
}

/** A list of what there is: one line each. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className="divide-y divide-line rounded-lg border border-line bg-surface">
      {children}
    </ul>
  );
}

/** `Rows` marks lines for `useListFocus` by `data-row`. */
export function Row({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <li data-row className={cx("flex min-h-14 flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5", className)}>
      {children}
    </li>
  );
}
