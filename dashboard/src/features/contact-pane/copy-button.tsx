import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { showToast } from "@/components/ui/toast-store";
import { useT } from "@/lib/i18n";

const SHOWN_MS = 2000;

/** Takes a text along. Without HTTPS browsers refuse: then it is said, and the text can be selected. */
export function CopyButton({ value, label }: { value: string; label: string }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      showToast(t("common.copied"), { tone: "success", lasts: SHOWN_MS });
    } catch {
      showToast(t("contacts.copy_by_hand"));
    }
  }
  return <IconButton icon={copied ? Check : Copy} size="sm" label={label} tooltip={false} onClick={() => void copy()} />;
}
