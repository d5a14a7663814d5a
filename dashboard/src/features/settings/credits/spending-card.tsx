import { Skeleton } from "@/components/ui/skeleton";
import { everyDay } from "@/features/settings/credits/credit";
import { SpendingChart } from "@/features/settings/credits/spending-chart";
import { useDaily } from "@/features/settings/credits/use-credits";
import { Card } from "@/features/settings/parts/card";
import { Loaded } from "@/features/settings/parts/loaded";
import { formatCredits, useT } from "@/lib/i18n";

const DAYS = 30;

export function SpendingCard() {
  const t = useT();
  const daily = useDaily(DAYS);
  return (
    <Card title={t("outreach.spending")} description={t("outreach.spending_text", { count: DAYS })}>
      <Loaded query={daily} skeleton={<Skeleton className="h-56 w-full" />}>
        {(found) => {
          const days = everyDay(found, new Date().toISOString().slice(0, 10), DAYS);
          const total = days.reduce((sum, each) => sum + each.spent, 0);
          return (
            <>
              <p>
                <span className="text-xl font-semibold tabular-nums">{formatCredits(total)}</span>{" "}
                <span className="text-muted">{t("outreach.spending_average", { amount: formatCredits(Math.round((total / DAYS) * 10) / 10) })}</span>
              </p>
              <SpendingChart days={days} />
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}
