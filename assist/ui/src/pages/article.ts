import '../article/article-page.js';
