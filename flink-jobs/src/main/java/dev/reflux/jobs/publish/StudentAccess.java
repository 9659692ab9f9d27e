package dev.reflux.jobs.publish;

import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.SignatureCheck;
import dev.reflux.checkpoints.sign.CheckpointSigner;
import dev.reflux.checkpoints.sign.TrustedKeys;
import dev.reflux.jobs.pipeline.KeySource;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.SignatureSettings;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What those who publish and use a pipeline's students need beside the records: the store, and keys. */
public final class StudentAccess {

    private static final String KEY = "checkpoints.signature.key";
    private static final String PUBLIC_KEY = "checkpoints.signature.publicKey";

    private StudentAccess() {}

    /**
     * Which records of the pipeline's checkpoints topic are its own.
     *
     * @param environment where keys may be
     * @throws IllegalArgumentException when the key cannot be read or is none
     */
    public static Acceptance acceptance(Pipeline pipeline, Map<String, String> environment) {
        return Acceptance.of(new FlinkModelStore(pipeline.checkpoints().store()))
                .withSignatures(check(pipeline.checkpoints().signature(), environment));
    }

    private static SignatureCheck check(@Nullable SignatureSettings signature, Map<String, String> environment) {
        if (signature instanceof SignatureSettings.HmacSha256 hmac) {
            return new TrustedKeys().hmacSha256(hmac.keyId(), hmac.key().read(KEY, environment));
        }
        if (signature instanceof SignatureSettings.Ed25519 pair) {
            return new TrustedKeys()
                    .ed25519(pair.keyId(), given(PUBLIC_KEY, pair.publicKey()).read(PUBLIC_KEY, environment));
        }
        return SignatureCheck.none();
    }

    /**
     * Signs what the pipeline publishes; empty when it does not sign.
     *
     * @param environment where keys may be
     * @throws IllegalArgumentException when the key cannot be read or is none
     */
    public static Optional<CheckpointSigner> signer(Pipeline pipeline, Map<String, String> environment) {
        SignatureSettings signature = pipeline.checkpoints().signature();
        if (signature instanceof SignatureSettings.HmacSha256 hmac) {
            return Optional.of(
                    CheckpointSigner.hmacSha256(hmac.keyId(), hmac.key().read(KEY, environment)));
        }
        if (signature instanceof SignatureSettings.Ed25519 pair) {
            return Optional.of(CheckpointSigner.ed25519(
                    pair.keyId(), given(KEY, pair.key()).read(KEY, environment)));
        }
        return Optional.empty();
    }

    private static KeySource given(String option, @Nullable KeySource source) {
        if (source == null) {
            throw new IllegalArgumentException(option
                    + " is not given, and is needed here: publishing needs the private key, consuming the public one");
        }
        return source;
    }
}
