package dev.reflux.checkpoints.sign;

/** How records are signed. */
public enum SignatureAlgorithm {
    /** One secret that publisher and consumers share (RFC 2104): whoever can check can also sign. */
    HMAC_SHA256("hmac-sha256", "HmacSHA256"),
    /** A private key signs, its public key checks (RFC 8032). */
    ED25519("ed25519", "Ed25519");

    private final String wireName;
    private final String jdkName;

    SignatureAlgorithm(String wireName, String jdkName) {
        this.wireName = wireName;
        this.jdkName = jdkName;
    }

    /** The first word of the header. */
    public String wireName() {
        return wireName;
    }

    String jdkName() {
        return jdkName;
    }
}
