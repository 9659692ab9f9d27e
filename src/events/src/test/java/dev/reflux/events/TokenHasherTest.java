package dev.reflux.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TokenHasherTest {

    private final TokenHasher hasher = new TokenHasher();

    @Test
    void buckets_tokensOfAsciiAlone_areLowerCased() {
        assertThat(hasher.buckets("Hello HELLO hello 42A", 1 << 20))
                .containsExactly(bucket("hello"), bucket("hello"), bucket("hello"), bucket("42a"));
    }

    @Test
    void buckets_tokensOfOtherLetters_stayAsTheyAre() {
        assertThat(hasher.buckets("NA\u00CFVE \u039F\u0394\u039F\u03A3 \u0130stanbul", 1 << 20))
                .containsExactly(bucket("NA\u00CFVE"), bucket("\u039F\u0394\u039F\u03A3"), bucket("\u0130stanbul"));
    }

    @Test
    void buckets_randomText_equalThoseOfARegularExpression() {
        Pattern token = Pattern.compile("[\\p{L}\\p{N}]+");
        String alphabet = "aZ09 ,-_é\u00DFΣЖ中\u0301½\uD835\uDC00\uD83D\uDE00\uD800\t";
        for (int seed = 0; seed < 500; seed++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < seed % 97; i++) {
                text.append(alphabet.charAt((int) Long.remainderUnsigned(SplitMix64.mix(seed, i), alphabet.length())));
            }
            int[] expected = token.matcher(text)
                    .results()
                    .mapToInt(match -> {
                        String found = match.group();
                        boolean ascii = found.chars().allMatch(c -> c < 0x80);
                        byte[] utf8 = (ascii ? found.toLowerCase(Locale.ROOT) : found).getBytes(StandardCharsets.UTF_8);
                        return Integer.remainderUnsigned(MurmurHash3.hash32(utf8, utf8.length, 0), 1000);
                    })
                    .toArray();
            assertThat(hasher.buckets(text.toString(), 1000))
                    .as(text.toString())
                    .containsExactly(expected);
        }
    }

    @Test
    void buckets_hashAboveIntRange_isReadUnsigned() {
        // MurmurHash3("test") = 0xba6bd213 = 3127628307
        assertThat(hasher.buckets("test", 1000)).containsExactly(307);
    }

    @Test
    void buckets_noLetterOrDigit_areNone() {
        assertThat(hasher.buckets("  -- !? \uD83D\uDE00", 10)).isEmpty();
        assertThat(hasher.buckets("", 10)).isEmpty();
    }

    @Test
    void buckets_longToken_isOneToken() {
        String token = "A".repeat(100_000);
        byte[] lower = token.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        assertThat(hasher.buckets(token, 1 << 20))
                .containsExactly(Integer.remainderUnsigned(MurmurHash3.hash32(lower, lower.length, 0), 1 << 20));
    }

    @Test
    void buckets_moreThanTheCap_keepTheFirst() {
        int[] capped = hasher.buckets("a ".repeat(TokenHasher.MAX_TOKENS) + "b", 1 << 20);
        int a = hasher.buckets("a", 1 << 20)[0];
        assertThat(capped).hasSize(TokenHasher.MAX_TOKENS);
        assertThat(Arrays.stream(capped)).containsOnly(a);
    }

    private static int bucket(String token) {
        byte[] utf8 = token.getBytes(StandardCharsets.UTF_8);
        return Integer.remainderUnsigned(MurmurHash3.hash32(utf8, utf8.length, 0), 1 << 20);
    }
}
