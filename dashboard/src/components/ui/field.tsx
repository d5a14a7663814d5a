import { CircleAlert } from "lucide-react";
import { useId, type ReactNode } from "react";
import { Label } from "@/components/ui/label";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

/** What the control must be given. */
export interface FieldControl {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: boolean;
  required?: boolean;
}

export interface FieldProps {
  label: string;
  description?: ReactNode;
  error?: string | null | undefined;
  optional?: boolean;
  required?: boolean;
  hideLabel?: boolean;
  className?: string;
  /** `(control) => <Input {...control} … />` */
  children: (control: FieldControl) => ReactNode;
}

/** A control with its label, what explains it, and what is wrong with it. */
export function Field({ label, description, error, optional, required, hideLabel, className, children }: FieldProps) {
  const t = useT();
  const id = useId();
  const described = [description && `${id}-description`, error && `${id}-error`].filter(Boolean).join(" ");
  const control: FieldControl = { id };
  if (described) control["aria-describedby"] = described;
  if (error) control["aria-invalid"] = true;
  if (required) control.required = true;
  return (
    <div className={cx("flex flex-col gap-1", className)}>
      <Label htmlFor={id} className={hideLabel ? "sr-only" : ""}>
        {label}
        {/* A space of its own, which is read too. */}
        {optional && <span className="font-normal text-faint"> ({t("common.optional")})</span>}
      </Label>
      {children(control)}
      {description && (
        <div id={`${id}-description`} className="text-sm text-muted">
          {description}
        </div>
      )}
      {/* Always there, so that an error that comes is told. */}
      <div id={`${id}-error`} role="alert" className={cx(error ? "flex items-start gap-1 text-sm text-danger" : "hidden")}>
        {error && (
          <>
            <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
            {error}
          </>
        )}
      </div>
    </div>
  );
}
