import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { useT } from "@/lib/i18n";

export function NotFoundPage() {
  const t = useT();
  return (
    <main className="flex h-full">
      <EmptyState
        icon={Compass}
        title={t("common.not_found_title")}
        action={
          <Link to="/inbox" search={{}} className={buttonClass("primary")}>
            {t("common.not_found_action")}
          </Link>
        }
      >
        {t("common.not_found_text")}
      </EmptyState>
    </main>
  );
}
