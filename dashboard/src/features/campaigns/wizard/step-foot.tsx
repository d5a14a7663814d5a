import { ArrowLeft, ArrowRight } from "lucide-react";
import { Button } from "@/components/ui/button";
import { useT } from "@/lib/i18n";

export interface StepFootProps {
  onBack: (() => void) | null;
  /** Left out: the enclosing form is submitted. */
  onNext?: () => void;
  pending?: boolean;
  disabled?: boolean;
}

export function StepFoot({ onBack, onNext, pending = false, disabled = false }: StepFootProps) {
  const t = useT();
  return (
    <div className="flex justify-between gap-2">
      {onBack ? (
        <Button onClick={onBack}>
          <ArrowLeft aria-hidden className="rtl:-scale-x-100" />
          {t("common.back")}
        </Button>
      ) : <span />}
      <Button variant="primary" type={onNext ? "button" : "submit"} pending={pending} disabled={disabled} {...(onNext ? { onClick: onNext } : {})}>
        {t("campaigns.next")}
        <ArrowRight aria-hidden className="rtl:-scale-x-100" />
      </Button>
    </div>
  );
}
