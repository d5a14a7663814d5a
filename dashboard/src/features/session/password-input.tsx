import { Eye, EyeOff } from "lucide-react";
import { useState, type ComponentProps } from "react";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { useT } from "@/lib/i18n";

/** A password that can be shown, so that it can be checked before it is sent. */
export function PasswordInput(props: Omit<ComponentProps<"input">, "type">) {
  const t = useT();
  const [shown, setShown] = useState(false);
  return (
    <span className="relative block">
      <Input maxLength={200} {...props} type={shown ? "text" : "password"} spellCheck={false} autoCapitalize="none" className="h-10 pe-11" />
      <IconButton
        icon={shown ? EyeOff : Eye}
        label={t(shown ? "session.hide_password" : "session.show_password")}
        tooltip={false}
        className="absolute end-1 top-1"
        onClick={() => setShown(!shown)}
      />
    </span>
  );
}
