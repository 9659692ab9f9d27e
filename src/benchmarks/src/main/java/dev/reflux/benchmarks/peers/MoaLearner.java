package dev.reflux.benchmarks.peers;

import com.yahoo.labs.samoa.instances.Attribute;
import com.yahoo.labs.samoa.instances.DenseInstance;
import com.yahoo.labs.samoa.instances.Instance;
import com.yahoo.labs.samoa.instances.Instances;
import com.yahoo.labs.samoa.instances.InstancesHeader;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import moa.classifiers.Classifier;
import moa.core.Utils;
import moa.options.ClassOption;

/**
 * One of MOA's learners on one stream, each event predicted, then learned. It runs in a JVM of its own, whose class path
 * holds MOA and of ours this class alone, so it uses nothing else of ours.
 *
 * <p>Arguments: the learner as MOA writes it, the file of {@link MoaStream}, and the file that takes a byte per event,
 * its predicted class, then the nanoseconds of predicting and learning all but the first {@value #BLOCK} events, in which
 * libraries are loaded and networks made, and those of them that the thread had a processor.
 */
final class MoaLearner {

    static final int BLOCK = 100;

    private MoaLearner() {}

    public static void main(String[] arguments) throws Exception {
        Classifier learner = (Classifier) ClassOption.cliStringToObject(arguments[0], Classifier.class, null);
        learner.prepareForUse();
        try (DataInputStream in =
                        new DataInputStream(new BufferedInputStream(Files.newInputStream(Path.of(arguments[1]))));
                DataOutputStream out =
                        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(Path.of(arguments[2]))))) {
            run(learner, in, out);
        }
        System.exit(0);
    }

    private static void run(Classifier learner, DataInputStream in, DataOutputStream out) throws IOException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        int rows = in.readInt();
        InstancesHeader header = header(in);
        learner.setModelContext(header);
        long nanos = 0;
        long processor = 0;
        Instance[] block = new Instance[BLOCK];
        boolean[] labelled = new boolean[BLOCK];
        byte[] predicted = new byte[BLOCK];
        for (int row = 0; row < rows; row += BLOCK) {
            int count = Math.min(BLOCK, rows - row);
            for (int i = 0; i < count; i++) {
                block[i] = instance(in, header);
                labelled[i] = in.readBoolean();
            }
            long start = System.nanoTime();
            long processorStart = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < count; i++) {
                predicted[i] = (byte) Utils.maxIndex(learner.getVotesForInstance(block[i]));
                if (labelled[i]) {
                    learner.trainOnInstance(block[i]);
                }
            }
            if (row > 0) {
                processor += threads.getCurrentThreadCpuTime() - processorStart;
                nanos += System.nanoTime() - start;
            }
            out.write(predicted, 0, count);
        }
        out.writeLong(nanos);
        out.writeLong(processor);
    }

    private static InstancesHeader header(DataInputStream in) throws IOException {
        int features = in.readInt();
        List<Attribute> attributes = new ArrayList<>();
        for (int f = 0; f < features; f++) {
            int codes = in.readInt();
            attributes.add(codes == 0 ? new Attribute("f" + f) : new Attribute("f" + f, names(codes)));
        }
        attributes.add(new Attribute("label", names(in.readInt())));
        Instances instances = new Instances("stream", attributes, 0);
        instances.setClassIndex(features);
        return new InstancesHeader(instances);
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static Instance instance(DataInputStream in, InstancesHeader header) throws IOException {
        double[] values = new double[header.numAttributes()];
        for (int f = 0; f < values.length - 1; f++) {
            values[f] = in.readFloat();
        }
        values[values.length - 1] = in.readByte();
        Instance instance = new DenseInstance(1, values);
        instance.setDataset(header);
        return instance;
    }
}
