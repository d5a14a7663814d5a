import { Check, Minus } from "lucide-react";
import { Card } from "@/features/settings/parts/card";
import { ABILITIES, mayDo, ROLES } from "@/features/settings/people/roles";
import { useT } from "@/lib/i18n";

export function RolesTable() {
  const t = useT();
  return (
    <Card title={t("settings.roles_title")} className="overflow-x-auto p-0!">
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr className="border-b border-line">
            <th scope="col" className="px-4 py-2 text-start font-medium text-muted">{t("settings.roles_may")}</th>
            {ROLES.map((role) => (
              <th key={role} scope="col" className="px-2 py-2 text-center font-medium">{t(`common.role_${role}`)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ABILITIES.map(({ text, least }) => (
            <tr key={text} className="border-b border-line last:border-0">
              <th scope="row" className="px-4 py-2 text-start font-normal">{t(text)}</th>
              {ROLES.map((role) => {
                const may = mayDo(role, least);
                const Icon = may ? Check : Minus;
                return (
                  <td key={role} className="px-2 py-2 text-center">
                    <Icon aria-hidden className={`inline size-4 ${may ? "text-success" : "text-faint"}`} />
                    <span className="sr-only">{t(may ? "common.yes" : "common.no")}</span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
