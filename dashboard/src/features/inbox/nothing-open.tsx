import { MessagesSquare } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";
import { Kbd } from "@/components/ui/kbd";
import { useRich, useT } from "@/lib/i18n";

/** In the thread's place while no conversation is open. */
export function NothingOpen() {
  const t = useT();
  const rich = useRich();
  return (
    <div className="flex h-full">
      <EmptyState icon={MessagesSquare} title={t("list.nothing_open_title")}>
        <span className="leading-6">
          {rich("list.nothing_open_text", { next: <Kbd key="next" combo="alt+j" />, bar: <Kbd key="bar" combo="mod+k" /> })}
        </span>
      </EmptyState>
    </div>
  );
}
