/** Made by the build from the pages' texts: what each rule and remark says (vite.config.ts). */
declare module "*.ftl?rules" {
  const text: string;
  export default text;
}
