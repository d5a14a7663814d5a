import { useParams } from "@tanstack/react-router";
import { ShieldOff } from "lucide-react";
import { Suspense, useEffect, useRef } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { SectionSkeleton } from "@/features/settings/parts/section-page";
import { sectionOf } from "@/features/settings/sections";
import { SettingsNav } from "@/features/settings/settings-nav";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

const FIRST = "account";

/** The sections beside each other; on phones first the list of them, then one. */
export function SettingsPage() {
  const t = useT();
  const { section: chosen } = useParams({ strict: false });
  const id = chosen ?? FIRST;
  const title = sectionOf(id)?.title ?? "settings.title";
  useEffect(() => {
    document.title = `${t(title)} · Frontdesk`;
  }, [t, title]);
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen === undefined) return;
    // On a phone the list that led here is gone, and the focus with it.
    const timer = setTimeout(() => document.activeElement === document.body && content.current?.focus(), 50);
    return () => clearTimeout(timer);
  }, [chosen]);
  return (
    <div className="flex h-full min-h-0">
      <SettingsNav current={chosen ?? null} className={cx(chosen !== undefined && "max-md:hidden")} />
      <div key={id} ref={content} tabIndex={-1} className={cx("min-w-0 flex-1 overflow-y-auto outline-none", chosen === undefined && "max-md:hidden")}>
        <Suspense fallback={<SectionSkeleton />}>
          <OneSection id={id} />
        </Suspense>
      </div>
    </div>
  );
}

function OneSection({ id }: { id: string }) {
  const t = useT();
  const section = sectionOf(id);
  const may = useCan(section?.least ?? "viewer");
  if (!section) return <EmptyState title={t("common.not_found_title")}>{t("common.not_found_text")}</EmptyState>;
  if (!may) {
    return (
      <EmptyState icon={ShieldOff} title={t("settings.not_for_role")}>
        {t("settings.not_for_role_text", { role: t(`common.role_${section.least}`) })}
      </EmptyState>
    );
  }
  return <section.Component />;
}
