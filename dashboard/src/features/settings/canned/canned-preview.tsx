import { fill, type VariableValues } from "@/features/composer/variables";
import { useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";

/** How the text reads for a customer who is made up. */
export function CannedPreview({ content }: { content: string }) {
  const t = useT();
  const me = useMe();
  const values: VariableValues = {
    contact: { name: t("settings.sample_customer"), phone: "+34600111222", email: "lucia@example.com", attributes: { order: "10045" } },
    agent: { name: me.name || me.email },
    business: { name: me.domain_display_name || me.domain },
  };
  if (content.trim() === "") return null;
  return (
    <div className="flex flex-col gap-1">
      <span className="text-sm font-medium">{t("settings.preview_for", { name: values.contact.name })}</span>
      <div className="rounded-lg bg-canvas p-3">
        <p dir="auto" className="ms-auto w-fit max-w-full rounded-lg bg-bubble-out px-3 py-2 whitespace-pre-wrap">{fill(content, values)}</p>
      </div>
    </div>
  );
}
