import { Link } from "@tanstack/react-router";
import { LayoutTemplate } from "lucide-react";
import type { ReactNode } from "react";
import { buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

/** In a template's place where there is none to choose. */
export function NoTemplates({ children }: { children?: ReactNode }) {
  const t = useT();
  const isAdmin = useCan("admin");
  return (
    <EmptyState
      icon={LayoutTemplate}
      title={t("outreach.templates_none_approved")}
      className="py-6"
      action={
        isAdmin && (
          <Link to="/settings/$section" params={{ section: "templates" }} search={{}} className={buttonClass("primary")}>
            {t("outreach.templates_go")}
          </Link>
        )
      }
    >
      {t(isAdmin ? "outreach.templates_none_admin" : "outreach.templates_none_agent")}
      {children}
    </EmptyState>
  );
}
