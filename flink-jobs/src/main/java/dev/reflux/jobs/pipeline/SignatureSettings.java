package dev.reflux.jobs.pipeline;

import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.OptionException;
import dev.reflux.jobs.pipeline.options.Options;
import dev.reflux.jobs.pipeline.options.Variant;
import org.jspecify.annotations.Nullable;

/** How published students are signed, and checked by the commands and jobs that use them. */
public sealed interface SignatureSettings {

    String KEY_ID = "Name of the key, so that consumers know which one to check with";
    String KEY_ID_RULE = "[A-Za-z0-9._-]{1,64}";
    String KEY_ID_WORDS = "1 to 64 letters, digits, dots, hyphens and underscores";

    String keyId();

    /** A secret that publisher and consumers share. */
    @Variant("hmac-sha256")
    record HmacSha256(
            @Option(description = KEY_ID, defaultValue = "main", pattern = KEY_ID_RULE, patternInWords = KEY_ID_WORDS)
            String keyId,

            @Option(
                    description =
                            "Where each process that signs or checks finds the secret: file:PATH or env:VARIABLE; a text of at least 32 bytes")
            KeySource key)
            implements SignatureSettings {
        public HmacSha256 {
            Options.check(HmacSha256.class, keyId, key);
        }
    }

    /** A private key signs, its public key checks. */
    @Variant("ed25519")
    record Ed25519(
            @Option(description = KEY_ID, defaultValue = "main", pattern = KEY_ID_RULE, patternInWords = KEY_ID_WORDS)
            String keyId,

            @Option(
                    description =
                            "Where the job that publishes finds the private key: file:PATH or env:VARIABLE; PKCS#8 in PEM")
            @Nullable
            KeySource key,

            @Option(description = "Where consumers find the public key: file:PATH or env:VARIABLE; PEM") @Nullable
            KeySource publicKey)
            implements SignatureSettings {
        public Ed25519 {
            Options.check(Ed25519.class, keyId, key, publicKey);
            if (key == null && publicKey == null) {
                throw new OptionException(
                        "key", "neither key nor publicKey given; whoever publishes needs key, who consumes publicKey");
            }
        }
    }
}
