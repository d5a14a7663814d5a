import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Coins } from "lucide-react";
import type { Credits } from "@/api/outreach-types";
import { buttonClass } from "@/components/ui/button";
import { cx } from "@/lib/class-names";
import { api } from "@/lib/http";
import { formatCredits, useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";
import { keys } from "@/lib/query";

/** Tells those who can change it that messages will soon not be sent, or are not sent any more. */
export function CreditBanner() {
  const t = useT();
  const { domain } = useMe();
  const credits = useQuery({
    queryKey: [...keys.credits, "balance"],
    queryFn: ({ signal }) => api.get<Credits>(`/api/v1/domains/${encodeURIComponent(domain)}/credits`, { limit: 1 }, { signal }),
    // Events tell of a balance that has become low; the rest is no news.
    staleTime: 10 * 60_000,
  }).data;
  const isEmpty = credits?.billed === true && credits.balance <= 0;
  const isLow = credits?.billed === true && !isEmpty && credits.low_balance !== null && credits.balance < credits.low_balance;
  // The region stays, so that what comes into it is read out.
  return (
    <div role="status">
      {credits && (isEmpty || isLow) && (
        <div className={cx("flex items-center gap-2 border-b border-line py-1 ps-4 pe-2 text-sm", isEmpty ? "bg-danger-soft text-danger" : "bg-warning-soft text-warning")}>
          <Coins aria-hidden className="size-4 shrink-0" />
          <span className="min-w-0 flex-1 py-0.5">
            {isEmpty ? t("common.credit_empty") : t("common.credit_low", { balance: formatCredits(credits.balance) })}
          </span>
          <Link to="/settings/$section" params={{ section: "credits" }} search={{}} className={cx(buttonClass("ghost", "sm"), "text-current")}>
            {t("common.credit_top_up")}
          </Link>
        </div>
      )}
    </div>
  );
}
