package dev.weir.code;

import dev.weir.store.Sha256;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.AnnotationVisitor;
import org.objectweb.asm.Attribute;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.RecordComponentVisitor;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;

/**
 * What a class file says that matters to what it does, and the classes that it names.
 *
 * @param digest SHA-256 of the class written anew without what {@link Meaning} leaves out
 * @param references the names of the classes named in it by anything but that, itself among them
 */
record ClassCode(String digest, SortedSet<String> references) {
  private static final int API = Opcodes.ASM9;

  /**
   * Reads a class file. Written anew, it has a constant pool in the order of use, so that what the
   * compiler had put there for its debugging tables leaves no trace. Stack map frames follow from
   * the code. What is no class file, or one of a Java not yet known, which this Java could not load
   * either, is digested as it is.
   */
  static ClassCode of(byte[] classFile) {
    try {
      return read(classFile);
    } catch (RuntimeException e) { // Whatever ASM comes upon.
      return new ClassCode(Sha256.of(classFile), Collections.emptySortedSet());
    }
  }

  private static ClassCode read(byte[] classFile) {
    References references = new References();
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(classFile)
        .accept(
            new Meaning(new ClassRemapper(writer, references)),
            ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    return new ClassCode(Sha256.of(writer.toByteArray()), references.names);
  }

  /** Renames nothing, and so is shown every name that there is to rename. */
  private static final class References extends Remapper {
    private final SortedSet<String> names = new TreeSet<>();

    References() {
      super(API);
    }

    @Override
    public String map(String internalName) {
      names.add(internalName.replace('/', '.'));
      return internalName;
    }
  }

  /**
   * Passes on a class without what changes nothing of what it does:
   *
   * <ul>
   *   <li>which classes are nested in which: it says who may access whom. What the code uses of
   *       them it names elsewhere too; followed, it would lead from each stage of a file to all;
   *   <li>{@code @Help}, which is documentation;
   *   <li>attributes that no Java knows (Scala's): they point into the constant pool as it was.
   * </ul>
   */
  private static final class Meaning extends ClassVisitor {
    private static final String HELP = "Ldev/weir/config/Help;";

    Meaning(ClassVisitor next) {
      super(API, next);
    }

    @Override
    public void visitNestHost(String host) {}

    @Override
    public void visitNestMember(String member) {}

    @Override
    public void visitInnerClass(
        String name, @Nullable String outer, @Nullable String inner, int access) {}

    @Override
    public void visitOuterClass(
        String owner, @Nullable String method, @Nullable String descriptor) {}

    @Override
    public void visitAttribute(Attribute attribute) {}

    @Override
    public @Nullable AnnotationVisitor visitAnnotation(String descriptor, boolean visible) {
      return descriptor.equals(HELP) ? null : super.visitAnnotation(descriptor, visible);
    }

    @Override
    public RecordComponentVisitor visitRecordComponent(
        String name, String descriptor, @Nullable String signature) {
      return new RecordComponentVisitor(
          API, super.visitRecordComponent(name, descriptor, signature)) {
        @Override
        public void visitAttribute(Attribute attribute) {}

        @Override
        public @Nullable AnnotationVisitor visitAnnotation(String descriptor, boolean visible) {
          return descriptor.equals(HELP) ? null : super.visitAnnotation(descriptor, visible);
        }
      };
    }

    @Override
    public FieldVisitor visitField(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        @Nullable Object value) {
      return new FieldVisitor(API, super.visitField(access, name, descriptor, signature, value)) {
        @Override
        public void visitAttribute(Attribute attribute) {}
      };
    }

    @Override
    public MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      return new MethodVisitor(
          API, super.visitMethod(access, name, descriptor, signature, exceptions)) {
        @Override
        public void visitAttribute(Attribute attribute) {}
      };
    }
  }
}
