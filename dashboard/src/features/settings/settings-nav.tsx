import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { GROUPS, type Section } from "@/features/settings/sections";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

/** A column beside the section on wide windows, a page of its own on phones. */
export function SettingsNav({ current, className }: { current: string | null; className?: string }) {
  const t = useT();
  const Title = current === null ? "h1" : "p";
  return (
    <nav
      aria-label={t("settings.title")}
      className={cx("flex w-full shrink-0 flex-col gap-4 overflow-y-auto border-line bg-canvas px-2 py-3 md:w-56 md:border-e", className)}
    >
      {/* Beside a section the section's own title is the page's. */}
      <Title className="px-2 text-lg font-semibold">{t("settings.title")}</Title>
      {GROUPS.map((group) => (
        <div key={group.label} className="flex flex-col gap-0.5">
          <h2 className="px-2 pb-1 text-xs font-medium text-faint">{t(group.label)}</h2>
          {group.sections.map((section) => (
            <Item key={section.id} section={section} first={current === null && section.id === "account"} />
          ))}
        </div>
      ))}
    </nav>
  );
}

/** `first`: shown beside the list on wide windows, though the address names none. */
function Item({ section, first }: { section: Section; first: boolean }) {
  const t = useT();
  const may = useCan(section.least);
  if (!may) return null;
  return (
    <Link
      to="/settings/$section"
      params={{ section: section.id }}
      search={{}}
      className="flex min-h-11 items-center gap-2.5 rounded-md px-2 hover:bg-hover md:min-h-8 [&_svg]:size-4"
      activeOptions={{ includeSearch: false }}
      activeProps={{ className: "bg-selected text-accent-ink font-medium" }}
      inactiveProps={{ className: first ? "md:bg-selected md:text-accent-ink md:font-medium" : "" }}
    >
      <section.icon aria-hidden />
      <span className="min-w-0 flex-1 truncate">{t(section.title)}</span>
      <ChevronRight aria-hidden className="text-faint rtl:-scale-x-100 md:hidden" />
    </Link>
  );
}
