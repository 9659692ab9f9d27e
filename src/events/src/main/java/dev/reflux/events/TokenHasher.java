package dev.reflux.events;

import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Text to hash buckets: each longest run of letters and digits (Unicode categories L and N) is a token; a token of ASCII
 * alone is lower-cased, any other stays as it is; its bucket is {@code MurmurHash3_x86_32(its UTF-8 bytes, seed 0)},
 * unsigned, modulo the number of buckets. An exported student does the same with ONNX operators. Those know the lower
 * case of other letters only by the locales of the machine they run on, which is why it is left alone here.
 *
 * <p>Tokens after the first {@value #MAX_TOKENS} of a text are dropped. Not for several threads at once.
 */
public final class TokenHasher {

    /** How many tokens of one text are kept. */
    public static final int MAX_TOKENS = 4096;

    private static final int LETTER_OR_NUMBER = 1 << Character.UPPERCASE_LETTER
            | 1 << Character.LOWERCASE_LETTER
            | 1 << Character.TITLECASE_LETTER
            | 1 << Character.MODIFIER_LETTER
            | 1 << Character.OTHER_LETTER
            | 1 << Character.DECIMAL_DIGIT_NUMBER
            | 1 << Character.LETTER_NUMBER
            | 1 << Character.OTHER_NUMBER;
    private static final int LONGEST_UTF8 = 4;

    private byte[] token = new byte[256];

    /** Buckets of the tokens of {@code text}, in order. */
    public int[] buckets(String text, int buckets) {
        int[] found = new int[Math.min(text.length(), MAX_TOKENS)];
        int[] count = {0};
        buckets(text.toCharArray(), 0, text.length(), buckets, bucket -> found[count[0]++] = bucket);
        return Arrays.copyOf(found, count[0]);
    }

    /** Hands the bucket of each token of {@code text[offset..offset+length)} to {@code target}, in order. */
    public void buckets(char[] text, int offset, int length, int buckets, IntConsumer target) {
        int end = offset + length;
        int tokens = 0;
        int size = 0;
        boolean ascii = true;
        int i = offset;
        while (i < end && tokens < MAX_TOKENS) {
            char c = text[i++];
            int codePoint = c;
            if (Character.isHighSurrogate(c) && i < end && Character.isLowSurrogate(text[i])) {
                codePoint = Character.toCodePoint(c, text[i++]);
            }
            if (isTokenPart(codePoint)) {
                size = append(codePoint, size);
                ascii &= codePoint < 0x80;
            } else if (size > 0) {
                target.accept(bucket(size, ascii, buckets));
                tokens++;
                size = 0;
                ascii = true;
            }
        }
        if (size > 0 && tokens < MAX_TOKENS) {
            target.accept(bucket(size, ascii, buckets));
        }
    }

    private int bucket(int size, boolean ascii, int buckets) {
        if (ascii) {
            for (int i = 0; i < size; i++) {
                if (token[i] >= 'A' && token[i] <= 'Z') {
                    token[i] += 'a' - 'A';
                }
            }
        }
        return Integer.remainderUnsigned(MurmurHash3.hash32(token, size, 0), buckets);
    }

    private static boolean isTokenPart(int codePoint) {
        if (codePoint < 0x80) {
            return codePoint >= 'a' && codePoint <= 'z'
                    || codePoint >= 'A' && codePoint <= 'Z'
                    || codePoint >= '0' && codePoint <= '9';
        }
        return (LETTER_OR_NUMBER >> Character.getType(codePoint) & 1) != 0;
    }

    private int append(int codePoint, int size) {
        if (size + LONGEST_UTF8 > token.length) {
            token = Arrays.copyOf(token, token.length * 2);
        }
        if (codePoint < 0x80) {
            token[size] = (byte) codePoint;
            return size + 1;
        }
        if (codePoint < 0x800) {
            token[size] = (byte) (0xC0 | codePoint >> 6);
            token[size + 1] = (byte) (0x80 | codePoint & 0x3F);
            return size + 2;
        }
        if (codePoint < 0x10000) {
            token[size] = (byte) (0xE0 | codePoint >> 12);
            token[size + 1] = (byte) (0x80 | codePoint >> 6 & 0x3F);
            token[size + 2] = (byte) (0x80 | codePoint & 0x3F);
            return size + 3;
        }
        token[size] = (byte) (0xF0 | codePoint >> 18);
        token[size + 1] = (byte) (0x80 | codePoint >> 12 & 0x3F);
        token[size + 2] = (byte) (0x80 | codePoint >> 6 & 0x3F);
        token[size + 3] = (byte) (0x80 | codePoint & 0x3F);
        return size + 4;
    }
}
