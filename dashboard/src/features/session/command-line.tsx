import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { useT } from "@/lib/i18n";

const COMMAND = "frontdesk people sign-in";

/** The command that prints a link, to be copied. */
export function CommandLine() {
  const t = useT();
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(COMMAND);
    setCopied(true);
  }
  return (
    <div className="flex items-center gap-1 rounded-md border border-line bg-sunken ps-3">
      <code dir="ltr" className="min-w-0 flex-1 overflow-x-auto py-1.5 font-mono text-sm whitespace-nowrap text-ink">
        {COMMAND}
      </code>
      {/* A page without HTTPS may not copy; the text can be selected. */}
      {isSecureContext && (
        <IconButton
          icon={copied ? Check : Copy}
          label={copied ? t("common.copied") : t("common.copy")}
          onClick={() => void copy().catch(() => undefined)}
        />
      )}
    </div>
  );
}
