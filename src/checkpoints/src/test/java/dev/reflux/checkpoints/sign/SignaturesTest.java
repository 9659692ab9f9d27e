package dev.reflux.checkpoints.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.reflux.checkpoints.CheckpointException;
import dev.reflux.checkpoints.CheckpointException.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignaturesTest {

    /** RFC 8032, section 7.1, test 3. */
    private static final String PRIVATE = pem(
            "PRIVATE KEY",
            "302e020100300506032b657004220420c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");

    private static final String PUBLIC = pem(
            "PUBLIC KEY", "302a300506032b6570032100fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
    private static final byte[] MESSAGE = HexFormat.of().parseHex("af82");
    private static final String SIGNATURE = base64("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");

    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @Test
    void sign_ed25519_isThatOfTheStandard() {
        assertThat(CheckpointSigner.ed25519("2026", PRIVATE).sign(MESSAGE)).isEqualTo("ed25519 2026 " + SIGNATURE);
    }

    /** {@code printf '{"version":1}' | openssl dgst -sha256 -mac hmac -macopt key:SECRET -binary | base64}. */
    @Test
    void sign_hmac_isThatOfOpenssl() {
        assertThat(CheckpointSigner.hmacSha256("main", " " + SECRET + "\n").sign(utf8("{\"version\":1}")))
                .isEqualTo("hmac-sha256 main PS4QMMNNBXH//o6R2h5dGTLZncEm7e7VunCXICdPngg=");
    }

    @Test
    void require_signedByATrustedKey_passes() {
        TrustedKeys keys = new TrustedKeys().hmacSha256("main", SECRET).ed25519("2026", PUBLIC);

        keys.require(MESSAGE, utf8("ed25519 2026 " + SIGNATURE));
        keys.require(MESSAGE, utf8(CheckpointSigner.hmacSha256("main", SECRET).sign(MESSAGE)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ed25519",
                "ed25519 2026 ",
                "ed25519 2026 AAAA",
                "ed25519 2026 ***",
                "ed25519 2025 AAAA",
                "hmac-sha256 2026 AAAA",
                "none 2026 AAAA",
                "ed25519  2026 AAAA",
                "ed25519 2026 AAAA more"
            })
    void require_otherHeaders_areRefused(String header) {
        assertRefused(new TrustedKeys().ed25519("2026", PUBLIC), MESSAGE, header);
    }

    @Test
    void require_changedOrUnsignedOrOtherwiseSigned_isRefused() {
        TrustedKeys keys = new TrustedKeys().hmacSha256("main", SECRET).ed25519("2026", PUBLIC);
        String signed = CheckpointSigner.hmacSha256("main", SECRET).sign(MESSAGE);

        assertRefused(keys, new byte[] {1}, signed);
        assertRefused(keys, new byte[] {1}, "ed25519 2026 " + SIGNATURE);
        assertRefused(keys, MESSAGE, null);
        assertRefused(
                keys, MESSAGE, CheckpointSigner.hmacSha256("main", SECRET + "!").sign(MESSAGE));
        assertRefused(new TrustedKeys(), MESSAGE, signed);
    }

    /** The public key is no secret: it must not serve as the secret of the other algorithm. */
    @Test
    void require_hmacWithThePublicKey_isRefused() {
        assertRefused(
                new TrustedKeys().ed25519("2026", PUBLIC),
                MESSAGE,
                CheckpointSigner.hmacSha256("2026", PUBLIC).sign(MESSAGE));
    }

    @Test
    void keys_thatAreNone_areRefusedWithoutShowingThem() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CheckpointSigner.hmacSha256("main", "hunter2"))
                .withMessageContaining("has 7 bytes, 32 are needed")
                .withMessageContaining("openssl rand")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
        for (String bad : new String[] {"", "x", PUBLIC, pem("PRIVATE KEY", "00"), PRIVATE.substring(10)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CheckpointSigner.ed25519("2026", bad))
                    .withMessageContaining("openssl genpkey -algorithm ed25519");
        }
        for (String bad : new String[] {"x", PRIVATE, pem("PUBLIC KEY", "00")}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new TrustedKeys().ed25519("2026", bad))
                    .withMessageContaining("openssl pkey");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CheckpointSigner.hmacSha256("two words", SECRET))
                .withMessageContaining("'two words'");
    }

    private static void assertRefused(TrustedKeys keys, byte[] value, @Nullable String header) {
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> keys.require(value, header == null ? null : utf8(header)))
                .satisfies(e -> assertThat(e.problem()).isEqualTo(Problem.BAD_SIGNATURE));
    }

    private static String pem(String kind, String hex) {
        return "-----BEGIN " + kind + "-----\n" + base64(hex) + "\n-----END " + kind + "-----\n";
    }

    private static String base64(String hex) {
        return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
