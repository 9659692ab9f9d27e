package dev.reflux.checkpoints.sign;

import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.CheckpointException.Problem;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.SignatureCheck;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a consumer trusts, by algorithm and name: a record must be signed by one of them. To exchange a key, trust
 * both for a while.
 */
public final class TrustedKeys implements SignatureCheck {

    private final Map<String, Checking> keys = new TreeMap<>();

    private interface Checking {
        boolean isSignedBy(byte[] value, byte[] signature) throws GeneralSecurityException;
    }

    /** Trusts nobody yet. */
    public TrustedKeys() {}

    /**
     * Trusts whoever has a secret.
     *
     * @param secret text of at least 32 bytes in UTF-8; white space around it does not count
     */
    public TrustedKeys hmacSha256(String keyId, String secret) {
        byte[] key = KeyTexts.secret(secret);
        // isEqual takes as long for a near miss as for any other
        return with(
                SignatureAlgorithm.HMAC_SHA256,
                keyId,
                (value, signature) -> MessageDigest.isEqual(CheckpointSigner.mac(key, value), signature));
    }

    /**
     * Trusts whoever has the private key of a public one.
     *
     * @param publicKey in PEM
     */
    public TrustedKeys ed25519(String keyId, String publicKey) {
        PublicKey key = KeyTexts.publicKey(publicKey);
        return with(SignatureAlgorithm.ED25519, keyId, (value, signature) -> {
            Signature check = Signature.getInstance(SignatureAlgorithm.ED25519.jdkName());
            check.initVerify(key);
            check.update(value);
            return check.verify(signature);
        });
    }

    private TrustedKeys with(SignatureAlgorithm algorithm, String keyId, Checking checking) {
        keys.put(algorithm.wireName() + " " + CheckpointSigner.requireKeyId(keyId), checking);
        return this;
    }

    @Override
    public boolean asksForSignatures() {
        return true;
    }

    @Override
    public void require(byte[] value, byte @Nullable [] signature) {
        if (signature == null) {
            throw bad("the record is not signed; this consumer takes what is signed by " + keys.keySet(), null);
        }
        String[] words = new String(signature, StandardCharsets.UTF_8).split(" ", -1);
        if (words.length != 3) {
            throw bad(
                    "the header " + CheckpointRecord.SIGNATURE_HEADER + " has " + words.length
                            + " words; it must have three: algorithm, name of the key, signature in base64",
                    null);
        }
        Checking checking = keys.get(words[0] + " " + words[1]);
        if (checking == null) {
            throw bad(
                    "the record is signed by '" + words[0] + " " + words[1] + "', this consumer trusts "
                            + keys.keySet(),
                    null);
        }
        boolean signed;
        try {
            signed = checking.isSignedBy(value, Base64.getDecoder().decode(words[2]));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw bad("the signature by '" + words[0] + " " + words[1] + "' cannot be read: " + e.getMessage(), e);
        }
        if (!signed) {
            throw bad(
                    "the signature by '" + words[0] + " " + words[1]
                            + "' is not that of this record; it was changed on the way, or signed with another key"
                            + " of that name",
                    null);
        }
    }

    private static CheckpointException bad(String message, @Nullable Exception cause) {
        return new CheckpointException(Problem.BAD_SIGNATURE, message, cause);
    }
}
