package dev.reflux.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MurmurHash3Test {

    @ParameterizedTest
    @CsvSource({
        "'', 0, 00000000",
        "'', 1, 514e28b7",
        "test, 0, ba6bd213",
        "'Hello, world!', 0, c0363e43",
        "The quick brown fox jumps over the lazy dog, 0, 2e4ff723",
        "abc, 0, b3dd93fa",
    })
    void hash32_publishedText_givesPublishedHash(String text, int seed, String expected) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(HexFormat.of().toHexDigits(MurmurHash3.hash32(bytes, bytes.length, seed)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"ffffffff, 76293b50", "21436587, f55b516b", "214365, 7e4a8634", "2143, a0f7b07a", "21, 72661cf4"})
    void hash32_publishedBytes_givesPublishedHash(String hex, String expected) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThat(HexFormat.of().toHexDigits(MurmurHash3.hash32(bytes, bytes.length, 0)))
                .isEqualTo(expected);
    }

    @Test
    void hash32_bytesAfterLength_areIgnored() {
        assertThat(MurmurHash3.hash32(new byte[] {0x21, 0x43, 0x65, 7, 7, 7}, 3, 0))
                .isEqualTo(0x7e4a8634);
    }
}
