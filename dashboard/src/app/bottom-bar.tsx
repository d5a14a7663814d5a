import { Link } from "@tanstack/react-router";
import { AccountMenu } from "@/app/account-menu";
import { DESTINATIONS } from "@/app/destinations";
import { useUnread } from "@/app/use-unread";
import { CountBadge } from "@/components/ui/badge";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

const ITEM =
  "relative flex min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-xs [&_svg]:size-5";

/** The navigation below the page, on phones. */
export function BottomBar({ className }: { className?: string }) {
  const t = useT();
  const unread = useUnread();
  return (
    <nav
      aria-label={t("common.nav_label")}
      className={cx(
        "flex min-h-14 shrink-0 items-stretch border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden",
        className,
      )}
    >
      {DESTINATIONS.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          search={{}}
          className={ITEM}
          activeOptions={{ includeSearch: false }}
          activeProps={{ className: "text-accent-ink font-medium" }}
          inactiveProps={{ className: "text-muted" }}
        >
          <span className="relative">
            <Icon aria-hidden />
            {to === "/inbox" && (
              <span className="absolute -end-3 -top-1.5">
                <CountBadge count={unread} label={t("common.nav_unread", { count: unread })} />
              </span>
            )}
          </span>
          <span className="max-w-full truncate px-1">{t(label)}</span>
        </Link>
      ))}
      <div className="flex flex-1 items-center justify-center">
        <AccountMenu side="top" align="end" />
      </div>
    </nav>
  );
}
