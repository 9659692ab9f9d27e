package dev.reflux.checkpoints.sign;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Base64;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs records. A signature covers every byte of the record's value, and so the manifest and either the model itself or
 * its hash; it is a header of three words: algorithm, name of the key, and the signature in base64.
 */
public final class CheckpointSigner {

    static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final SignatureAlgorithm algorithm;
    private final String keyId;
    private final Signing signing;

    private interface Signing {
        byte[] sign(byte[] value) throws GeneralSecurityException;
    }

    private CheckpointSigner(SignatureAlgorithm algorithm, String keyId, Signing signing) {
        this.algorithm = algorithm;
        this.keyId = requireKeyId(keyId);
        this.signing = signing;
    }

    /**
     * @param secret text of at least 32 bytes in UTF-8; white space around it does not count
     */
    public static CheckpointSigner hmacSha256(String keyId, String secret) {
        byte[] key = KeyTexts.secret(secret);
        return new CheckpointSigner(SignatureAlgorithm.HMAC_SHA256, keyId, value -> mac(key, value));
    }

    /**
     * @param privateKey PKCS#8 in PEM
     */
    public static CheckpointSigner ed25519(String keyId, String privateKey) {
        PrivateKey key = KeyTexts.privateKey(privateKey);
        return new CheckpointSigner(SignatureAlgorithm.ED25519, keyId, value -> {
            Signature signature = Signature.getInstance(SignatureAlgorithm.ED25519.jdkName());
            signature.initSign(key);
            signature.update(value);
            return signature.sign();
        });
    }

    /** Value of the header for a record with this value. */
    public String sign(byte[] value) {
        try {
            return algorithm.wireName() + " " + keyId + " "
                    + Base64.getEncoder().encodeToString(signing.sign(value));
        } catch (GeneralSecurityException e) {
            throw KeyTexts.broken(algorithm, e);
        }
    }

    static byte[] mac(byte[] key, byte[] value) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(SignatureAlgorithm.HMAC_SHA256.jdkName());
        mac.init(new SecretKeySpec(key, SignatureAlgorithm.HMAC_SHA256.jdkName()));
        return mac.doFinal(value);
    }

    static String requireKeyId(String keyId) {
        if (!KEY_ID.matcher(keyId).matches()) {
            throw new IllegalArgumentException("the name of the key is '" + keyId
                    + "'; it must be 1 to 64 letters, digits, dots, hyphens and underscores");
        }
        return keyId;
    }
}
