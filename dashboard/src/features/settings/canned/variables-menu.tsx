import { Braces } from "lucide-react";
import { Button } from "@/components/ui/button";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { VARIABLES } from "@/features/settings/canned/shortcut";
import { useT, type TextKey } from "@/lib/i18n";

/** What a text may hold that is filled in when it is sent. */
export function VariablesMenu({ onInsert }: { onInsert: (text: string) => void }) {
  const t = useT();
  const names: Record<string, TextKey> = {
    "contact.name": "settings.var_contact_name",
    "contact.first_name": "settings.var_contact_first_name",
    "contact.phone": "settings.var_contact_phone",
    "contact.email": "settings.var_contact_email",
    "agent.name": "settings.var_agent_name",
    "agent.first_name": "settings.var_agent_first_name",
    "business.name": "settings.var_business_name",
  };
  const item = (variable: string, label: TextKey) => ({
    label: t(label),
    hint: <code className="text-xs">{variable}</code>,
    onSelect: () => onInsert(variable),
  });
  return (
    <DropdownMenu
      align="start"
      trigger={
        <Button size="sm" variant="ghost" className="-ms-2">
          <Braces aria-hidden />
          {t("settings.variables_insert")}
        </Button>
      }
      items={[
        ...VARIABLES.map((name) => item(`{{${name}}}`, names[name] ?? "common.unknown")),
        { kind: "separator" },
        item("{{contact.attributes.order}}", "settings.var_attribute"),
      ]}
    />
  );
}
