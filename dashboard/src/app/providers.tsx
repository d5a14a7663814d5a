import { Direction } from "radix-ui";
import type { ReactNode } from "react";
import { ToastRegion } from "@/components/ui/toast";
import { TooltipProvider } from "@/components/ui/tooltip";
import { useLanguage } from "@/lib/i18n";

/** What every component may count on: direction, tooltips, toasts. */
export function Providers({ children }: { children: ReactNode }) {
  const rightToLeft = useLanguage() === "ar";
  return (
    <Direction.Provider dir={rightToLeft ? "rtl" : "ltr"}>
      <TooltipProvider>{children}</TooltipProvider>
      <ToastRegion />
    </Direction.Provider>
  );
}
