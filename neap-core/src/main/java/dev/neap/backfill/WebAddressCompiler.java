package dev.neap.backfill;

import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import org.jspecify.annotations.Nullable;

/** Reads a URL that is asked or told over HTTP. */
final class WebAddressCompiler {
    private final Settings settings;
    private final Complaint complaint;

    WebAddressCompiler(Settings settings, Complaint complaint) {
        this.settings = settings;
        this.complaint = complaint;
    }

    /** The address that stands there; null after a problem. */
    @Nullable
    WebAddress address(String path, String text) {
        WebAddress address = WebAddress.parse(text).orElse(null);
        if (address == null) {
            complaint.about(path, "this is no URL; write http://host:port/path or https://…");
        } else if (address.plainPassword()) {
            complaint.about(path, "a password in plain text; write ${VAR} or ${file:/path}");
        } else {
            settings.note(path, address.toString());
        }
        return address;
    }
}
