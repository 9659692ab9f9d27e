package dev.reflux.checkpoints.sign;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys as they stand in files. No message ever holds any part of one. */
final class KeyTexts {

    /** As long as the hash: a shorter secret is easier to guess than the HMAC is to break. */
    static final int SHORTEST_SECRET = 32;

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z ]+)-----\\s+([A-Za-z0-9+/=\\s]+?)\\s*-----END \\1-----");

    private KeyTexts() {}

    static byte[] secret(String text) {
        byte[] secret = text.strip().getBytes(StandardCharsets.UTF_8);
        if (secret.length < SHORTEST_SECRET) {
            throw new IllegalArgumentException("the HMAC secret has " + secret.length + " bytes, " + SHORTEST_SECRET
                    + " are needed; make one with: openssl rand -hex 32");
        }
        return secret;
    }

    static PrivateKey privateKey(String text) {
        byte[] der = pem(
                text,
                "PRIVATE KEY",
                "the key is no private key in PKCS#8 PEM; make one with: openssl genpkey -algorithm ed25519");
        try {
            return factory().generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (InvalidKeySpecException e) {
            throw new IllegalArgumentException(
                    "the private key is not one of Ed25519; make one with: openssl genpkey -algorithm ed25519", e);
        }
    }

    static PublicKey publicKey(String text) {
        byte[] der = pem(
                text,
                "PUBLIC KEY",
                "the key is no public key in PEM; derive it with: openssl pkey -in private.pem -pubout");
        try {
            return factory().generatePublic(new X509EncodedKeySpec(der));
        } catch (InvalidKeySpecException e) {
            throw new IllegalArgumentException(
                    "the public key is not one of Ed25519; derive it with: openssl pkey -in private.pem -pubout", e);
        }
    }

    static IllegalStateException broken(SignatureAlgorithm algorithm, GeneralSecurityException e) {
        return e instanceof InvalidKeyException
                ? new IllegalStateException("the key does not fit " + algorithm.wireName(), e)
                : new IllegalStateException("this Java runtime cannot do " + algorithm.wireName(), e);
    }

    private static byte[] pem(String text, String kind, String complaint) {
        Matcher matcher = PEM.matcher(text.strip());
        if (!matcher.matches() || !matcher.group(1).equals(kind)) {
            throw new IllegalArgumentException(complaint);
        }
        try {
            return Base64.getMimeDecoder().decode(matcher.group(2));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(complaint, e);
        }
    }

    private static KeyFactory factory() {
        try {
            return KeyFactory.getInstance(SignatureAlgorithm.ED25519.jdkName());
        } catch (NoSuchAlgorithmException e) {
            throw broken(SignatureAlgorithm.ED25519, e);
        }
    }
}
